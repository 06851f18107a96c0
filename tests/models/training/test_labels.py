"""A consensus of looks, and how far single labels are from it."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from models.evaluation.boxes import LANDMARK_COLUMNS
from models.training.labels import landmark_scatter

COLUMNS = ("file", "face", "x", "y", "w", "h", *LANDMARK_COLUMNS)
POINTS = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], float)


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def face(file, *, left=10, size=80, shift=0.0):
    points = POINTS + (left - 10 + shift, 0)
    return [file, 0, left, 10, size, size, *points.ravel()]


def test_the_scatter_is_told_in_distances_between_the_eyes(tmp_path):
    single = write(tmp_path / "faces.csv", [face("a"), face("b", shift=8), face("only-here")])
    agreed = write(tmp_path / "consensus.csv", [face("a"), face("b"), face("only-there")])
    assert landmark_scatter(single, agreed) == pytest.approx([0, 8 / 40])


def test_another_persons_face_does_not_count(tmp_path):
    single = write(tmp_path / "faces.csv", [face("a", left=300)])
    agreed = write(tmp_path / "consensus.csv", [face("a")])
    assert not len(landmark_scatter(single, agreed))
