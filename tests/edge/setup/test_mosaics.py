"""The picture that an installer sees: coarse, flat where heads are, black under masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.zones import Zone, ZoneKind
from edge.capture.synthetic.scene import SyntheticScene
from edge.scene import Box
from edge.setup.mosaics import COLUMNS, Mosaic, make_mosaic

NOISE = np.random.default_rng(7)


def colours(mosaic: Mosaic) -> np.ndarray:
    """Return rows x columns x 3 in RGB, 0..15."""
    return np.array(
        [
            [[int(digit, 16) for digit in row[at : at + 3]] for at in range(0, len(row), 3)]
            for row in mosaic.cells
        ]
    )


@settings(max_examples=25)
@given(
    width=st.integers(1, 400), height=st.integers(1, 300),
    head=st.tuples(*[st.floats(-100, 500)] * 4),
)  # fmt: skip
def test_any_size_and_any_head_make_a_coarse_picture(width, height, head):
    image = np.zeros((height, width, 3), np.uint8)
    left, top, right, bottom = head
    box = Box(left=left, top=top, right=max(left, right), bottom=max(top, bottom))
    mosaic = make_mosaic(image, [box], [])
    assert mosaic.columns <= COLUMNS
    assert len(mosaic.cells) == mosaic.rows
    assert {len(row) for row in mosaic.cells} == {3 * mosaic.columns}


def test_a_head_and_what_is_around_it_is_one_colour():
    image = NOISE.integers(0, 256, (720, 1280, 3), np.uint8)
    head = Box(left=600, top=300, right=680, bottom=380)
    found = colours(make_mosaic(image, [head], []))
    cell = 1280 / found.shape[1]
    inside = found[round(262 / cell) : round(418 / cell), round(562 / cell) : round(718 / cell)]
    assert inside.size > 300
    assert len(np.unique(inside.reshape(-1, 3), axis=0)) == 1
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 1


def test_what_a_mask_covers_is_black():
    image = np.full((720, 1280, 3), 255, np.uint8)
    half = Zone(name="m", kind=ZoneKind.MASK, polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
    found = colours(make_mosaic(image, [], [half]))
    assert (found[:, :48] == 0).all()
    assert (found[:, 48:] == 15).all()


def test_the_order_of_colours_is_red_first():
    image = np.zeros((96, 96, 3), np.uint8)
    image[..., 2] = 255  # BGR: red
    assert make_mosaic(image, [], []).cells[0][:3] == "f00"


@pytest.mark.parametrize("second", [5.0, 10.0])
def test_no_cell_is_finer_than_a_ninety_sixth_of_the_picture(second):
    """Whatever is shown is a mean over a cell: details within one change nothing but its mean."""
    image = SyntheticScene().render(second)
    before = make_mosaic(image, [], [])
    size = image.shape[1] // COLUMNS
    shuffled = image.copy()
    for top in range(0, image.shape[0] - size + 1, size):
        for left in range(0, size * COLUMNS, size):
            cell = shuffled[top : top + size, left : left + size]
            cell[:] = NOISE.permutation(cell.reshape(-1, 3)).reshape(cell.shape)
    if image.shape[1] % COLUMNS == image.shape[0] % size == 0:
        assert make_mosaic(shuffled, [], []) == before
    else:
        assert before.columns == COLUMNS
