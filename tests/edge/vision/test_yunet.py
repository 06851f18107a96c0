"""YuNet's decoder against a loop over its cells, written from the tensors' description."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.yunet import YuNet, decode_yunet
from tests.edge.vision.arrays import assert_close, offsets, probabilities
from tests.edge.vision.manifests import face_manifest

SIZES = st.integers(1, 4).map(lambda n: 32 * n)


def random_outputs(rng, width_px, height_px):
    cells = [(width_px // stride) * (height_px // stride) for stride in (8, 16, 32)]
    return [
        *(probabilities(rng, 1, n, 1) for n in cells),
        *(probabilities(rng, 1, n, 1) for n in cells),
        *(offsets(rng, 1, n, 4) for n in cells),
        *(offsets(rng, 1, n, 10) for n in cells),
    ]


def loop_reference(outputs, width_px, height_px, threshold):
    boxes, scores, landmarks = [], [], []
    for level, stride in enumerate((8, 16, 32)):
        columns = width_px // stride
        for row in range(height_px // stride):
            for column in range(columns):
                cell = row * columns + column
                cls, obj, bbox, kps = (outputs[level + 3 * kind][0, cell] for kind in range(4))
                score = math.sqrt(cls[0] * obj[0])
                if score < threshold:
                    continue
                x, y = (column + bbox[0]) * stride, (row + bbox[1]) * stride
                width, height = math.exp(bbox[2]) * stride, math.exp(bbox[3]) * stride
                boxes.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
                scores.append(score)
                landmarks.append(
                    [
                        [(column + kps[2 * i]) * stride, (row + kps[2 * i + 1]) * stride]
                        for i in range(5)
                    ]
                )
    return boxes, scores, landmarks


@given(seed=st.integers(0, 2**32 - 1), width_px=SIZES, height_px=SIZES)
def test_decoding_agrees_with_a_loop_over_the_cells(seed, width_px, height_px):
    outputs = random_outputs(np.random.default_rng(seed), width_px, height_px)
    # A threshold between two scores, so that rounding cannot decide.
    threshold = 0.51237
    found = decode_yunet(outputs, width_px, height_px, threshold)
    boxes, scores, landmarks = loop_reference(outputs, width_px, height_px, threshold)
    assert len(found.scores) == len(scores)
    assert_close(found.boxes, boxes)
    assert_close(found.scores, scores)
    assert_close(found.landmarks, landmarks)


def test_nothing_above_the_threshold_gives_nothing():
    outputs = random_outputs(np.random.default_rng(0), 64, 32)
    found = decode_yunet(outputs, 64, 32, 1.1)
    assert found.boxes.shape == (0, 4)
    assert found.landmarks.shape == (0, 5, 2)


def test_a_runaway_size_stays_finite():
    outputs = random_outputs(np.random.default_rng(0), 32, 32)
    for bbox in outputs[6:9]:
        bbox[..., 2:] = 1e9
    assert np.isfinite(decode_yunet(outputs, 32, 32, 0.0).boxes).all()


@pytest.mark.parametrize(
    ("frame", "width_px", "drawn", "input_px"),
    [
        ((640, 480), 320, (320, 240), (320, 256)),
        ((480, 270), 640, (480, 270), (480, 288)),
        ((768, 432), 640, (640, 360), (640, 384)),
        ((1920, 1080), 300, (300, 169), (320, 192)),
        ((10, 10), 640, (10, 10), (32, 32)),
        ((2000, 1), 320, (320, 1), (320, 32)),
    ],
)
def test_frames_shrink_to_the_width_and_are_never_enlarged(frame, width_px, drawn, input_px):
    layout = YuNet(manifest=face_manifest(), input_width_px=width_px).layout_for(*frame)
    assert (layout.drawn_width_px, layout.drawn_height_px) == drawn
    assert (layout.width_px, layout.height_px) == input_px


def test_a_file_of_fixed_size_keeps_its_size():
    layout = YuNet(manifest=face_manifest(side_px=320), input_width_px=640).layout_for(1280, 720)
    assert (layout.width_px, layout.height_px) == (320, 320)
    assert (layout.drawn_width_px, layout.drawn_height_px) == (320, 180)
