"""What is trained on: which pictures are left out, and what each one is a target for."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.errors import DataInvalid
from models.splits import Part
from models.training.pictures import LABELS, fer2013, labelled_folder
from tests.models.training.collections import fer2013_file, labelled_faces

HAPPY, NEUTRAL = LABELS.index("happy"), LABELS.index("neutral")


def squares(count):
    return np.random.default_rng(0).integers(0, 256, (count, 48, 48)).astype(np.uint8)


def kept(parts):
    return len(parts[Part.TRAINING]) + len(parts[Part.CALIBRATION])


def test_a_picture_of_the_public_test_is_not_trained_on(tmp_path):
    pictures = squares(6)
    pictures[1] = np.clip(pictures[5].astype(int) + 2, 0, 255)  # the same, a little brighter
    path = fer2013_file(tmp_path / "fer.npz", pictures, [3] * 6, [0, 0, 0, 0, 0, 1])
    assert kept(fer2013(path)) == 4


def test_equal_pictures_count_once_and_not_at_all_with_two_labels(tmp_path):
    pictures = squares(7)
    pictures[1] = pictures[0]
    pictures[3] = pictures[2]
    path = fer2013_file(tmp_path / "fer.npz", pictures, [3, 3, 3, 6, 3, 3, 3], [0] * 6 + [1])
    assert kept(fer2013(path)) == 3


def test_blank_pictures_and_votes_for_no_face_are_left_out(tmp_path):
    pictures = squares(5)
    pictures[0] = 77
    votes = np.full((5, 10), 0)
    votes[:, 0] = 10
    votes[1] = [5, 0, 0, 0, 0, 0, 0, 0, 0, 5]
    path = fer2013_file(tmp_path / "fer.npz", pictures, [6] * 5, [0, 0, 0, 0, 1], votes)
    assert kept(fer2013(path)) == 2


def test_a_target_is_what_the_voters_saw_beside_the_label(tmp_path):
    votes = np.zeros((2, 10), int)
    votes[:, 0], votes[:, 1] = 8, 2  # neutral, happiness
    path = fer2013_file(tmp_path / "fer.npz", squares(2), [HAPPY, HAPPY], [0, 1], votes)
    pictures = [fer2013(path)[part] for part in (Part.TRAINING, Part.CALIBRATION)]
    (target,) = np.concatenate([p.targets for p in pictures])
    assert target[NEUTRAL] == pytest.approx(0.8)
    assert target[HAPPY] == pytest.approx(0.2)
    assert np.concatenate([p.labels for p in pictures]) == [HAPPY]


def test_without_votes_a_target_is_the_label(tmp_path):
    votes = np.full((2, 10), -1)
    path = fer2013_file(tmp_path / "fer.npz", squares(2), [HAPPY, HAPPY], [0, 1], votes)
    parts = fer2013(path)
    (target,) = np.concatenate([parts[p].targets for p in (Part.TRAINING, Part.CALIBRATION)])
    assert target[HAPPY] == 1


def test_a_person_is_in_one_part_only(tmp_path):
    parts = labelled_folder(labelled_faces(tmp_path / "faces"))
    assert sum(len(pictures) for pictures in parts.values()) == 180
    assert all(len(pictures) % 3 == 0 for pictures in parts.values())
    assert min(len(pictures) for pictures in parts.values()) > 0


def test_an_unknown_label_is_named_with_its_file(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=1)
    labels = folder / "labels.csv"
    labels.write_text(labels.read_text().replace(",sadness", ",bored"))
    with pytest.raises(DataInvalid, match=r"labels.csv line \d+: the label 'bored' is not one of"):
        labelled_folder(folder)


def test_unreadable_pictures_are_left_out(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=2)
    (folder / "images" / "0-neutral.jpg").write_bytes(b"not a picture")
    assert sum(len(part) for part in labelled_folder(folder).values()) == 5


def test_a_missing_column_of_the_archive_is_named(tmp_path):
    np.savez(tmp_path / "fer.npz", jpeg=np.zeros(1), offset=np.zeros(1))
    with pytest.raises(DataInvalid, match=r"fer.npz has no array labels, split, ferplus"):
        fer2013(tmp_path / "fer.npz")
