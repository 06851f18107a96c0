"""YOLOX's decoder against a loop over its cells, written from the tensors' description."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.yolox import decode_yolox
from tests.edge.vision.arrays import assert_close, offsets, probabilities

SIZES = st.integers(1, 3).map(lambda n: 32 * n)


def loop_reference(output, width_px, height_px, threshold):
    boxes, scores, cell = [], [], 0
    for stride in (8, 16, 32):
        for row in range(height_px // stride):
            for column in range(width_px // stride):
                values = output[0, cell]
                cell += 1
                score = values[4] * values[5]
                if score < threshold:
                    continue
                x, y = (column + values[0]) * stride, (row + values[1]) * stride
                width, height = math.exp(values[2]) * stride, math.exp(values[3]) * stride
                boxes.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
                scores.append(float(score))
    return boxes, scores


@given(seed=st.integers(0, 2**32 - 1), width_px=SIZES, height_px=SIZES)
def test_decoding_agrees_with_a_loop_over_the_cells(seed, width_px, height_px):
    rng = np.random.default_rng(seed)
    cells = sum((width_px // stride) * (height_px // stride) for stride in (8, 16, 32))
    output = np.concatenate((offsets(rng, 1, cells, 4), probabilities(rng, 1, cells, 81)), axis=2)
    found = decode_yolox(output, width_px, height_px, 0.2)
    boxes, scores = loop_reference(output, width_px, height_px, np.float32(0.2))
    assert_close(found.boxes, boxes)
    assert_close(found.scores, scores)


def test_other_classes_than_people_are_left_out():
    output = np.zeros((1, 21, 85), np.float32)
    output[0, 3, [4, 6]] = 1.0  # certainly a bicycle
    output[0, 7, [4, 5]] = 1.0  # certainly a person
    assert len(decode_yolox(output, 32, 32, 0.5).scores) == 1
