"""The choice among overlapping boxes against the textbook's loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.candidates import Candidates, keep_best


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
    assert keep_best(candidates, 0.3123).tolist() == expected


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_are_kept_as_they_are(count):
    candidates = Candidates(
        boxes=np.ones((count, 4), np.float32), scores=np.ones(count, np.float32)
    )
    assert keep_best(candidates, 0.3).tolist() == list(range(count))
