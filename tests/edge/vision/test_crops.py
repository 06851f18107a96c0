"""Squares around faces: their place, their margin, and what lies beyond the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scene import Box
from edge.vision.crops import square_crop

COORDINATES = st.floats(-300, 300)
SIZES = st.floats(0.01, 400)


def box_of(left, top, width, height):
    return Box(left=left, top=top, right=left + width, bottom=top + height)


def gradient(width_px, height_px):
    """A picture whose blue is the column and whose green is the row."""
    image = np.zeros((height_px, width_px, 3), np.uint8)
    image[..., 0] = np.arange(width_px)
    image[..., 1] = np.arange(height_px)[:, None]
    return image


def test_the_square_has_the_longer_side_and_a_margin_at_both_ends():
    # 40 + 2 * 0.15 * 40 = 52 pixels, so that nothing is resized.
    crop = square_crop(gradient(200, 200), box_of(90, 80, 20, 40), margin=0.15, size_px=52)
    assert crop[0, :, 0].tolist() == list(range(74, 126))
    assert crop[:, 0, 1].tolist() == list(range(74, 126))


@pytest.mark.parametrize(
    ("left", "top", "columns", "rows"),
    [
        (-5, 10, [0] * 5 + list(range(5)), list(range(10, 20))),
        (95, 10, list(range(95, 100)) + [99] * 5, list(range(10, 20))),
        (10, -5, list(range(10, 20)), [0] * 5 + list(range(5))),
        (10, 95, list(range(10, 20)), list(range(95, 100)) + [99] * 5),
        (-50, -50, [0] * 10, [0] * 10),
    ],
)
def test_beyond_the_picture_its_edge_is_repeated(left, top, columns, rows):
    crop = square_crop(gradient(100, 100), box_of(left, top, 10, 10), margin=0, size_px=10)
    assert crop[0, :, 0].tolist() == columns
    assert crop[:, 0, 1].tolist() == rows


@given(
    left=COORDINATES,
    top=COORDINATES,
    width=SIZES,
    height=SIZES,
    margin=st.floats(0, 0.5),
    value=st.integers(0, 255),
)
def test_any_box_gives_a_square_of_the_pictures_own_colours(
    left, top, width, height, margin, value
):
    image = np.full((60, 80, 3), value, np.uint8)
    crop = square_crop(image, box_of(left, top, width, height), margin=margin, size_px=24)
    assert crop.shape == (24, 24, 3)
    assert (crop == value).all()


def test_an_absurd_box_costs_no_memory():
    crop = square_crop(gradient(80, 60), box_of(0, 0, 1e9, 1e9), margin=0.15, size_px=24)
    assert crop.shape == (24, 24, 3)


def test_shrinking_averages_instead_of_picking_pixels():
    stripes = np.zeros((100, 100, 3), np.uint8)
    stripes[:, ::2] = 200
    crop = square_crop(stripes, box_of(0, 0, 100, 100), margin=0, size_px=25)
    assert set(np.unique(crop)) <= set(range(98, 103))
