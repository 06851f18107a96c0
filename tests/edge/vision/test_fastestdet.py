"""FastestDet's decoder against a loop over its cells, written from the tensors' description."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.fastestdet import decode_fastestdet
from tests.edge.vision.arrays import assert_close, offsets, probabilities


def loop_reference(output, width_px, height_px, threshold):
    boxes, scores = [], []
    rows, columns = output.shape[2:]
    for row in range(rows):
        for column in range(columns):
            values = [float(value) for value in output[0, :, row, column]]
            score = values[0] ** 0.6 * values[5] ** 0.4
            if score < threshold:
                continue
            x = (column + math.tanh(values[1])) / columns * width_px
            y = (row + math.tanh(values[2])) / rows * height_px
            width = width_px / (1 + math.exp(-values[3]))
            height = height_px / (1 + math.exp(-values[4]))
            boxes.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
            scores.append(score)
    return boxes, scores


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 6), columns=st.integers(1, 6))
def test_decoding_agrees_with_a_loop_over_the_cells(seed, rows, columns):
    rng = np.random.default_rng(seed)
    output = probabilities(rng, 1, 85, rows, columns)
    output[:, 1:5] = offsets(rng, 1, 4, rows, columns)
    threshold = 0.31237
    found = decode_fastestdet(output, 16 * columns, 16 * rows, threshold)
    boxes, scores = loop_reference(output, 16 * columns, 16 * rows, threshold)
    assert_close(found.boxes, boxes)
    assert_close(found.scores, scores)


def test_other_classes_than_people_are_left_out():
    output = np.zeros((1, 85, 2, 2), np.float32)
    output[0, [0, 6], 0, 0] = 1.0  # certainly a bicycle
    output[0, [0, 5], 1, 1] = 1.0  # certainly a person
    assert len(decode_fastestdet(output, 32, 32, 0.5).scores) == 1
