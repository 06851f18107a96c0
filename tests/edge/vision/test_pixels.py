"""How a frame becomes an input tensor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.manifest import ColourOrder, ModelInput
from edge.vision.pixels import (
    InputPlane,
    PixelWriter,
    empty_tensor,
    fit_inside,
    shrink_to_width,
    stretch,
)

FRAME_SIZES = st.integers(1, 3000)
BGR = ModelInput(colour=ColourOrder.BGR)


@given(
    frame_width=FRAME_SIZES,
    frame_height=FRAME_SIZES,
    width=st.integers(32, 1920),
    multiple=st.sampled_from([1, 8, 32]),
)
def test_a_shrunk_frame_fits_its_input_without_a_spare_cell(
    frame_width, frame_height, width, multiple
):
    layout = shrink_to_width(frame_width, frame_height, width_px=width, multiple_of_px=multiple)
    assert layout.drawn_width_px <= min(frame_width, width)
    for drawn, size in (
        (layout.drawn_width_px, layout.width_px),
        (layout.drawn_height_px, layout.height_px),
    ):
        assert size % multiple == 0
        assert 1 <= drawn <= size < drawn + multiple


@given(frame_width=FRAME_SIZES, frame_height=FRAME_SIZES, side=st.integers(32, 640))
def test_a_fitted_frame_fills_one_side_and_stays_inside(frame_width, frame_height, side):
    layout = fit_inside(frame_width, frame_height, width_px=side, height_px=side)
    assert max(layout.drawn_width_px, layout.drawn_height_px) == side
    assert (layout.width_px, layout.height_px) == (side, side)


def test_a_stretched_frame_has_two_scales():
    layout = stretch(704, 352, width_px=352, height_px=352)
    assert layout.scale == (2.0, 1.0)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        (ColourOrder.BGR, [10, 20, 30]),
        (ColourOrder.RGB, [30, 20, 10]),
        (ColourOrder.GREY, [round(0.114 * 10 + 0.587 * 20 + 0.299 * 30)]),
    ],
)
@pytest.mark.parametrize("channels_first", [True, False])
def test_colours_means_and_scale_follow_the_manifest(colour, expected, channels_first):
    spec = ModelInput(colour=colour, mean=(5.0,), scale=0.5, channels_first=channels_first)
    image = np.empty((4, 6, 3), np.uint8)
    image[:] = (10, 20, 30)
    out = empty_tensor(1, 6, 4, spec)[0]
    PixelWriter(6, 4, spec).write(image, out)
    first = out if channels_first else np.moveaxis(out, -1, 0)
    assert first.shape == (len(expected), 4, 6)
    for plane, value in zip(first, expected, strict=True):
        assert (plane == (value - 5) * 0.5).all()


def test_a_grey_picture_is_written_as_it_is():
    spec = ModelInput(colour=ColourOrder.GREY, mean=(5.0,), scale=0.5)
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    out = empty_tensor(1, 6, 4, spec)[0]
    PixelWriter(6, 4, spec).write(image, out)
    assert (out[0] == (image.astype(int) - 5) * 0.5).all()


def test_each_channel_has_its_own_mean():
    spec = ModelInput(colour=ColourOrder.RGB, mean=(1.0, 2.0, 3.0))
    out = empty_tensor(1, 2, 2, spec)[0]
    PixelWriter(2, 2, spec).write(np.full((2, 2, 3), 10, np.uint8), out)
    assert out[:, 0, 0].tolist() == [9, 8, 7]


def test_the_frame_lies_at_the_top_left_of_the_filling():
    layout = shrink_to_width(40, 20, width_px=64, multiple_of_px=32)
    tensor = InputPlane(layout, BGR, fill=114).write(np.full((20, 40, 3), 7, np.uint8))
    assert tensor.shape == (1, 3, 32, 64)
    assert (tensor[:, :, :20, :40] == 7).all()
    assert (tensor[:, :, 20:] == 114).all()
    assert (tensor[:, :, :, 40:] == 114).all()


def test_a_plane_is_written_anew_for_each_frame():
    plane = InputPlane(shrink_to_width(64, 64, width_px=32, multiple_of_px=32), BGR)
    plane.write(np.full((64, 64, 3), 9, np.uint8))
    assert (plane.write(np.full((64, 64, 3), 3, np.uint8)) == 3).all()
