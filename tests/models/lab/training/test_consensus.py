"""A consensus of looks, and how far single labels are from it."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner

from models.lab.evaluation.boxes import LANDMARK_COLUMNS, read_listed_faces
from models.lab.training.consensus import landmark_scatter, main

COLUMNS = ("file", "face", "x", "y", "w", "h", *LANDMARK_COLUMNS)
POINTS = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], float)


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def face(file, *, left=10, size=80, shift=0.0):
    points = POINTS + np.array([left - 10 + shift, 0])
    return [file, 0, left, 10, size, size, *points.ravel()]


def test_the_scatter_is_told_in_distances_between_the_eyes(tmp_path):
    single = write(tmp_path / "faces.csv", [face("a"), face("b", shift=8), face("only-here")])
    agreed = write(tmp_path / "consensus.csv", [face("a"), face("b"), face("only-there")])
    assert landmark_scatter(single, agreed) == pytest.approx([0, 8 / 40])


def test_another_persons_face_does_not_count(tmp_path):
    single = write(tmp_path / "faces.csv", [face("a", left=300)])
    agreed = write(tmp_path / "consensus.csv", [face("a")])
    assert not len(landmark_scatter(single, agreed))


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_bundled_detector_agrees_on_a_portrait(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), skimage.data.astronaut()[..., ::-1])
    (tmp_path / "damaged.jpg").write_bytes(b"no picture")
    (tmp_path / "labels.csv").write_text("file\na.png\ndamaged.jpg\nmissing.png\n")
    rows = [face(name) for name in ("a.png", "damaged.jpg", "missing.png")]
    write(tmp_path / "faces.csv", [[*row[:2], 175, 65, 100, 120, *row[6:]] for row in rows])
    result = run(tmp_path, tmp_path / "consensus.csv", "--teacher", "motcua-face")
    assert result.exit_code == 0, result.output
    assert "consensus.csv: 1 faces" in result.output
    (agreed,) = read_listed_faces(tmp_path / "consensus.csv").files
    assert agreed == "a.png"


def test_a_detector_of_people_is_no_teacher(tmp_path):
    result = run(tmp_path, tmp_path / "consensus.csv", "--teacher", "yolox-nano")
    assert result.exit_code == 1
    assert "yolox-nano is for" in result.output


def test_photographs_without_faces_are_named(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((90, 90), 128, np.uint8))
    (tmp_path / "labels.csv").write_text("file\na.png\n")
    write(tmp_path / "faces.csv", [face("a.png")])
    result = run(tmp_path, tmp_path / "consensus.csv", "--teacher", "motcua-face")
    assert result.exit_code == 1
    assert str(tmp_path) in result.output
