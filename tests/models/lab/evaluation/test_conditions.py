"""What happens to a face before a model sees it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scene import Box
from models.lab.evaluation.conditions import CONDITIONS, lit, shrink
from models.lab.evaluation.faces import face_in, tight_face, usual_landmarks

grain = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
NAMES = {condition.name: condition for condition in CONDITIONS}


def some_face(left=50.0, top=40.0, width=90.0, height=110.0):
    box = Box(left=left, top=top, right=left + width, bottom=top + height)
    return face_in(grain, box, usual_landmarks(box), file="a.png", labels={})


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: c.name)
def test_a_condition_leaves_the_face_it_was_given(condition):
    for face in (some_face(), tight_face(grain.copy(), file="a.png", labels={})):
        before = face.image.copy()
        condition.apply(face)
        np.testing.assert_array_equal(face.image, before)


@given(st.floats(30, 120), st.floats(30, 120), st.sampled_from([24, 32, 48]))
def test_a_shrunk_face_has_that_width(width, height, width_px):
    face = some_face(width=width, height=height)
    small = shrink(face, width_px=width_px)
    if width < width_px:
        assert small is None
    else:
        assert small is not None
        assert small.width_px == pytest.approx(width_px, rel=0.03)
        assert small.image.mean() == pytest.approx(face.image.mean(), abs=2)
        spread = np.ptp(small.landmarks[:, 0]) / small.box.width
        assert spread == pytest.approx(np.ptp(face.landmarks[:, 0]) / face.box.width, rel=0.01)


@given(st.floats(0.1, 3))
def test_light_is_a_factor_up_to_white(gain):
    changed = lit(some_face(), gain=gain).image.astype(float)
    expected = np.clip(some_face().image * gain, 0, 255)
    assert np.abs(changed - expected).max() <= 0.5 + 1e-6


def difference(name, face):
    changed = NAMES[name].apply(face)
    assert changed.image.shape == face.image.shape
    return cv2.absdiff(changed.image, face.image).sum(axis=2) > 0


def at(mask, point):
    x, y = np.rint(point).astype(int)
    return mask[y, x]


def test_sunglasses_hide_the_eyes_and_leave_the_mouth():
    face = some_face()
    mask = difference("sunglasses", face)
    assert at(mask, face.landmarks[0])
    assert at(mask, face.landmarks[1])
    assert not mask[int(face.landmarks[3, 1]) :].any()


def test_glasses_leave_the_eyes_to_be_seen():
    face = some_face()
    mask = difference("glasses", face)
    assert mask.any()
    assert not at(mask, face.landmarks[0])
    assert not at(mask, face.landmarks[1])


def test_a_mask_hides_nose_and_mouth_and_leaves_the_eyes():
    face = some_face()
    mask = difference("mask", face)
    for hidden in face.landmarks[2:]:
        assert at(mask, hidden)
    for seen in face.landmarks[:2]:
        assert not at(mask, seen)


def test_eyes_at_one_point_break_nothing():
    box = Box(left=50, top=40, right=140, bottom=150)
    points = np.full((5, 2), 90, np.float32)
    profile = face_in(grain, box, points, file="a.png", labels={})
    for condition in CONDITIONS:
        condition.apply(profile)


def test_shapes_turn_with_the_face():
    face = some_face()
    quarter = np.rot90(face.image).copy()
    height_px, width_px = face.image.shape[:2]
    turned = np.stack([face.landmarks[:, 1], width_px - 1 - face.landmarks[:, 0]], axis=1)
    box = face.box
    rotated = face_in(
        quarter,
        Box(left=box.top, top=width_px - box.right, right=box.bottom, bottom=width_px - box.left),
        turned.astype(np.float32),
        file="a.png",
        labels={},
    )
    upright, lying = difference("sunglasses", face), difference("sunglasses", rotated)
    assert quarter.shape[:2] == (width_px, height_px)
    assert lying.sum() == pytest.approx(upright.sum(), rel=0.1)
