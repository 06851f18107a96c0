"""Squares around faces: their place, margin and turn, and what lies beyond the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scene import Box, Detection
from edge.vision.crops import aligned_crop, face_crop, similarity, square_crop
from tests.edge.vision.manifests import aligned_manifest, expression_manifest

COORDINATES = st.floats(-300, 300)
SIZES = st.floats(0.01, 400)
# Where OpenCV Zoo's expression model wants the eyes, the nose and the corners of the mouth.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip


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


@pytest.mark.parametrize("period_px", [2, 4])
def test_shrinking_averages_instead_of_picking_pixels(period_px):
    # Of four pixels interpolation looks at the two in the middle: one of each of the finer stripes.
    stripes = np.zeros((100, 100, 3), np.uint8)
    stripes[:, np.arange(100) % period_px == 0] = 200
    crop = square_crop(stripes, box_of(0, 0, 100, 100), margin=0, size_px=25)
    assert set(np.unique(crop)) <= set(range(200 // period_px - 2, 200 // period_px + 3))


def turned(points, *, degrees, scale, shift):
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ (turn.T * scale) + np.array(shift)


@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.05, 20),
    x=COORDINATES,
    y=COORDINATES,
    seed=st.integers(0, 2**32 - 1),
)
def test_the_similarity_is_the_least_squares_solution(degrees, scale, x, y, seed):
    noise = np.random.default_rng(seed).normal(0, scale, (5, 2))
    onto = turned(TEMPLATE, degrees=degrees, scale=scale, shift=(x, y)) + noise
    # a, b, tx, ty of [[a, -b, tx], [b, a, ty]], from the equations written out one by one.
    rows, wanted = [], []
    for (px, py), (qx, qy) in zip(TEMPLATE, onto, strict=True):
        rows += [[px, -py, 1, 0], [py, px, 0, 1]]
        wanted += [qx, qy]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    expected = np.array([[a, -b, tx], [b, a, ty]])
    assert similarity(TEMPLATE, onto) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_exact_turn_is_found_again():
    onto = turned(TEMPLATE, degrees=30, scale=2, shift=(5, -7))
    matrix = similarity(TEMPLATE, onto)
    assert TEMPLATE @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(onto)


@pytest.mark.parametrize("degrees", [0, 25, -90, 180])
@pytest.mark.parametrize("scale", [0.4, 1, 1.7, 3, 12])
def test_the_landmarks_of_a_turned_face_come_to_the_templates_points(degrees, scale):
    marks = turned(TEMPLATE, degrees=degrees, scale=scale, shift=(0, 0))
    marks += 80 * scale - marks.mean(axis=0)
    image = np.zeros((round(160 * scale), round(160 * scale), 3), np.uint8)
    for channel, (x, y) in zip((0, 1, 2), marks[:3], strict=True):
        ys, xs = np.ogrid[: image.shape[0], : image.shape[1]]
        image[..., channel] = 255 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (4 * scale) ** 2)
    crop = aligned_crop(image, marks.astype(np.float32), template=TEMPLATE, size_px=112)
    for channel, point in zip((0, 1, 2), TEMPLATE[:3], strict=True):
        weights = crop[..., channel].astype(float)
        ys, xs = np.mgrid[:112, :112]
        found = [(weights * axis).sum() / weights.sum() for axis in (xs, ys)]
        assert found == pytest.approx(point, abs=0.25)


def test_an_aligned_crop_of_a_large_face_averages():
    stripes = np.zeros((448, 448, 3), np.uint8)
    stripes[:, ::2] = 200
    crop = aligned_crop(stripes, TEMPLATE * 4, template=TEMPLATE, size_px=112)
    assert set(np.unique(crop[:, 1:-1])) <= set(range(98, 103))


def test_beyond_the_picture_an_aligned_crop_repeats_its_edge():
    image = np.full((60, 60, 3), 77, np.uint8)
    crop = aligned_crop(image, TEMPLATE - 90, template=TEMPLATE, size_px=112)
    assert (crop == 77).all()


def test_landmarks_in_one_point_give_a_crop_all_the_same():
    image = gradient(50, 50)
    crop = aligned_crop(image, np.full((5, 2), 20.0), template=TEMPLATE, size_px=112)
    assert (crop == image[20, 20]).all()


def test_a_model_with_an_alignment_sees_faces_with_landmarks_aligned_and_others_upright():
    manifest, image, box = aligned_manifest(), gradient(120, 120), box_of(30, 30, 40, 50)
    marks = turned(TEMPLATE, degrees=20, scale=0.5, shift=(20, 10)).astype(np.float32)
    aligned = face_crop(image, Detection(box=box, score=1.0, landmarks=marks), manifest)
    upright = face_crop(image, Detection(box=box, score=1.0), manifest)
    assert (aligned == aligned_crop(image, marks, template=TEMPLATE, size_px=112)).all()
    assert (upright == square_crop(image, box, margin=0.04, size_px=112)).all()


@pytest.mark.parametrize("side", [10, 30, 80], ids=["enlarged", "shrunk", "over the edge"])
def test_a_model_without_colours_sees_the_grey_of_the_same_square(side):
    face, image = Detection(box=box_of(25, 30, side, side), score=1.0), gradient(100, 90)
    manifest = expression_manifest()
    margin, size_px = manifest.crop_margin, manifest.input.width_px
    coloured = square_crop(image, face.box, margin=margin, size_px=size_px)
    seen, expected = face_crop(image, face, manifest), cv2.cvtColor(coloured, cv2.COLOR_BGR2GRAY)
    assert seen.shape == (size_px, size_px)
    assert np.abs(seen.astype(int) - expected).max() <= 1  # each is rounded in another order
