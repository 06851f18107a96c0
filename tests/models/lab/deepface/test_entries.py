"""DeepFace's models by name, and the crops that they see."""

from __future__ import annotations

import numpy as np
import pytest

from contract.manifest import ModelTask
from edge.scene import Box, Detection
from models.lab.deepface.entries import (
    level_crop,
    open_expression_model,
    open_face_detector,
    task,
)
from models.lab.evaluation.errors import ModelUnfit


def face(*, left, top, width, height, eyes=None):
    marks = None
    if eyes is not None:
        marks = np.array([*eyes, (0, 0), (0, 0), (0, 0)], np.float32)
    box = Box(left=left, top=top, right=left + width, bottom=top + height)
    return Detection(box=box, score=1.0, landmarks=marks)


def test_names_tell_their_task():
    assert task("emotion") is ModelTask.EXPRESSION
    assert task("opencv") is ModelTask.FACE_DETECTION
    with pytest.raises(ModelUnfit, match=r"no model called age; known: emotion, opencv, yunet"):
        task("age")


def test_a_name_of_the_other_task_is_refused():
    with pytest.raises(ModelUnfit, match="deepface:yunet finds faces and reads no expressions"):
        open_expression_model("yunet")
    with pytest.raises(ModelUnfit, match="deepface:emotion reads expressions and finds no faces"):
        open_face_detector("emotion")


def test_a_box_becomes_a_square_with_black_beside_it():
    image = np.full((100, 100, 3), 200, np.uint8)
    crop = level_crop(image, face(left=30, top=20, width=20, height=40))
    assert crop.shape == (40, 40, 3)
    assert (crop[:, 10:30] == 200).all()
    assert not crop[:, :10].any()
    assert not crop[:, 30:].any()


@pytest.mark.parametrize("degrees", [-40, 0, 25])
def test_the_eyes_come_level(degrees):
    turn = np.deg2rad(degrees)
    away = 15 * np.array([np.cos(turn), np.sin(turn)])
    right, left = np.array([50, 50]) - away, np.array([50, 50]) + away
    image = np.zeros((100, 100, 3), np.uint8)
    ys, xs = np.mgrid[:100, :100]
    for channel, (x, y) in enumerate((right, left)):
        image[..., channel] = 255 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / 9)
    crop = level_crop(image, face(left=25, top=25, width=50, height=50, eyes=(right, left)))
    rows = [crop[..., channel].astype(float).sum(axis=1) for channel in (0, 1)]
    levels = [(row * np.arange(50)).sum() / row.sum() for row in rows]
    assert levels[0] == pytest.approx(levels[1], abs=0.3)
    assert crop[:, :25, 0].sum() > crop[:, 25:, 0].sum()


def test_a_face_beyond_the_picture_has_a_crop():
    image = np.full((20, 20, 3), 9, np.uint8)
    assert not level_crop(image, face(left=100, top=100, width=8, height=9)).any()
