"""The choice among overlapping boxes against the textbook's loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.candidates import Candidates, drop_boxes_on_faces, fuse_boxes, non_max_suppression


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return shared / (area - shared)


def loop_reference(boxes, scores, threshold):
    kept = []
    for index in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if all(overlap(boxes[index], boxes[other]) <= threshold for other in kept):
            kept.append(index)
    return kept


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 25))
def test_the_kept_boxes_are_those_of_the_loop(seed, count):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-20, 60, (count, 2))
    boxes = np.concatenate((corner, corner + rng.uniform(5, 40, (count, 2))), axis=1)
    candidates = Candidates(
        boxes=boxes.astype(np.float32), scores=rng.uniform(0.1, 1, count).astype(np.float32)
    )
    expected = loop_reference(candidates.boxes, candidates.scores, 0.3123)
    assert non_max_suppression(candidates, 0.3123).tolist() == expected


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_are_kept_as_they_are(count):
    candidates = Candidates(
        boxes=np.ones((count, 4), np.float32), scores=np.ones(count, np.float32)
    )
    assert non_max_suppression(candidates, 0.3).tolist() == list(range(count))


def square(x, y, side):
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        pytest.param(square(100, 60, 20), [0], id="a badge on the cap"),
        pytest.param(square(110, 100, 30), [0], id="a pattern on the face"),
        pytest.param(square(100, 20, 20), [0, 1], id="who is seen above the cap"),
        pytest.param(square(132, 90, 30), [0, 1], id="who is seen past the ear"),
        pytest.param([110, 90, 135, 130], [0, 1], id="a child, cheek to cheek"),
        pytest.param(square(100, 100, 120), [0, 1], id="larger and less sure"),
    ],
)
def test_on_a_larger_and_surer_head_is_no_other_face(other, kept):
    candidates = Candidates(
        boxes=np.array([square(100, 100, 60), other], np.float32),
        scores=np.array([0.9, 0.7], np.float32),
    )
    assert drop_boxes_on_faces(candidates, np.arange(2)).tolist() == kept


def test_a_surer_face_stays_on_a_larger_one():
    candidates = Candidates(
        boxes=np.array([square(100, 100, 60), square(100, 100, 20)], np.float32),
        scores=np.array([0.7, 0.9], np.float32),
    )
    assert drop_boxes_on_faces(candidates, np.array([1, 0])).tolist() == [1, 0]


def test_what_is_not_kept_drops_nothing():
    candidates = Candidates(
        boxes=np.array([square(100, 100, 60), [66, 60, 96, 90], [65, 65, 75, 75]], np.float32),
        scores=np.array([0.9, 0.8, 0.7], np.float32),
    )
    assert drop_boxes_on_faces(candidates, np.arange(3)).tolist() == [0, 2]


def test_a_box_without_area_is_itself():
    candidates = Candidates(
        boxes=np.array([square(10, 10, 0), square(50, 50, 20)], np.float32),
        scores=np.array([0.9, 0.8], np.float32),
        landmarks=np.ones((2, 5, 2), np.float32),
    )
    assert fuse_boxes(candidates, np.arange(2)).boxes == pytest.approx(candidates.boxes)


def test_a_face_is_the_weighted_mean_of_what_was_said_of_it():
    candidates = Candidates(
        boxes=np.array([square(100, 100, 60), square(104, 100, 60), square(300, 100, 60)]),
        scores=np.array([0.9, 0.3, 0.8]),
        landmarks=np.array([np.full((5, 2), value) for value in (90.0, 94.0, 290.0)]),
    )
    faces = fuse_boxes(candidates, np.array([0, 2]))
    assert faces.scores.tolist() == [0.9, 0.8]
    assert faces.boxes == pytest.approx(np.array([square(101, 100, 60), square(300, 100, 60)]))
    assert faces.landmarks == pytest.approx(np.array([np.full((5, 2), v) for v in (91.0, 290.0)]))


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 25))
def test_what_stands_alone_is_left_as_it_is(seed, count):
    rng = np.random.default_rng(seed)
    corner = np.stack((np.arange(count) * 100, rng.uniform(0, 100, count)), axis=1)
    boxes = np.concatenate((corner, corner + rng.uniform(5, 90, (count, 2))), axis=1)
    candidates = Candidates(
        boxes=boxes, scores=rng.uniform(0.1, 1, count), landmarks=rng.uniform(0, 9, (count, 5, 2))
    )
    at = drop_boxes_on_faces(candidates, non_max_suppression(candidates, 0.3))
    assert sorted(at.tolist()) == list(range(count))
    assert fuse_boxes(candidates, at).boxes == pytest.approx(boxes[at])
    assert fuse_boxes(candidates, at).landmarks == pytest.approx(candidates.landmarks[at])
