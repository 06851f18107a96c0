"""What is trained on: which pictures are left out, and what each one is a target for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.lab.evaluation.errors import DataInvalid
from models.lab.splits import Part, part_of
from models.lab.training.pictures import LABELS, fer2013, labelled_folder
from tests.models.lab.training.collections import fer2013_file, labelled_faces

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


def test_nearly_the_same_picture_does_not_both_train_and_calibrate(tmp_path):
    both = [Part.TRAINING, Part.CALIBRATION]
    parts = [part_of(f"fer2013/{index}") for index in range(60)]
    training, calibration = (parts.index(part) for part in both)
    pictures = squares(61)
    noise = np.random.default_rng(1).integers(-20, 21, pictures[0].shape)
    pictures[calibration] = np.clip(pictures[training].astype(int) + noise, 0, 255)
    path = fer2013_file(tmp_path / "fer.npz", pictures, [3] * 61, [0] * 60 + [1])
    found = fer2013(path)
    assert len(found[Part.TRAINING]) == sum(part is not Part.CALIBRATION for part in parts)
    assert len(found[Part.CALIBRATION]) == parts.count(Part.CALIBRATION) - 1


def test_a_square_is_cut_where_the_product_cuts_it(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=2)
    side, middle, radius = 400, (181, 223), 60  # of a pixel, its middle half a pixel further
    image = np.zeros((side, side), np.uint8)
    cv2.circle(image, middle, radius, 255, -1)
    cv2.imwrite(str(folder / "disc.png"), image)
    left, top = (at + 0.5 - radius for at in middle)
    with (folder / "labels.csv").open("a") as labels, (folder / "faces.csv").open("a") as faces:
        labels.write("disc.png,neutral,person 0\n")
        columns = faces.tell() and (folder / "faces.csv").read_text().splitlines()[0].split(",")
        row = dict.fromkeys(columns, 0) | {"file": "disc.png", "x": left, "y": top}
        row |= {"w": 2 * radius, "h": 2 * radius}
        faces.write(",".join(str(row[column]) for column in columns) + "\n")
    square = labelled_folder(folder)[Part.TRAINING].squares[-1].astype(float)
    light = square.sum()
    at = np.arange(len(square)) + 0.5
    assert (square.sum(axis=0) @ at) / light == pytest.approx(len(square) / 2, abs=0.02)
    assert (square.sum(axis=1) @ at) / light == pytest.approx(len(square) / 2, abs=0.02)


def test_the_largest_listed_face_counts_however_its_picture_is_written(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=2)
    before = labelled_folder(folder)[Part.TRAINING].squares
    rows = [row.split(",") for row in (folder / "faces.csv").read_text().splitlines()]
    lines = ["file,x,y,w,h"]
    for name, _, *box in (row[:6] for row in rows[1:]):
        lines += [f"./{name},1,1,9,9", f"./{name},{','.join(box)}"]
    (folder / "faces.csv").write_text("\n".join(lines))
    assert (labelled_folder(folder)[Part.TRAINING].squares == before).all()


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


def test_without_votes_nothing_is_settled_where_others_have_them(tmp_path):
    votes = np.full((4, 10), -1)
    votes[1] = [10, *[0] * 9]
    path = fer2013_file(tmp_path / "fer.npz", squares(4), [HAPPY] * 4, [0, 0, 0, 1], votes)
    assert sorted(np.concatenate([p.is_settled for p in fer2013(path).values()])) == [0, 0, 1]
    path = fer2013_file(tmp_path / "none.npz", squares(4), [HAPPY] * 4, [0, 0, 0, 1])
    assert all(pictures.is_settled.all() for pictures in fer2013(path).values())


def test_a_person_is_in_one_part_only(tmp_path):
    parts = labelled_folder(labelled_faces(tmp_path / "faces"))
    assert sum(len(pictures) for pictures in parts.values()) == 180
    assert all(len(pictures) % 3 == 0 for pictures in parts.values())
    assert min(len(pictures) for pictures in parts.values()) > 0


def test_of_few_people_some_calibrate_and_nobody_else_judges(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=6)
    labels = folder / "labels.csv"
    labels.write_text(labels.read_text().replace("person 1\n", "An\n"))
    people = ("An", *(f"person {number}" for number in (0, 2, 3, 4, 5)))
    by_rule = [part_of(person) for person in people]
    assert Part.CALIBRATION not in by_rule

    parts = labelled_folder(folder)
    assert len(parts[Part.VALIDATION]) == 3 * by_rule.count(Part.VALIDATION)
    assert len(parts[Part.CALIBRATION]) == 3
    assert len(parts[Part.TRAINING]) == 3 * (by_rule.count(Part.TRAINING) - 1)


def test_a_damaged_picture_is_left_out_and_named(tmp_path, capsys):
    folder = labelled_faces(tmp_path / "faces", people=6)
    (folder / "images" / "0-neutral.jpg").write_bytes(b"no picture")
    parts = labelled_folder(folder)
    assert sum(len(pictures) for pictures in parts.values()) == 17
    assert "0-neutral.jpg" in capsys.readouterr().out


def test_one_person_alone_cannot_train_a_model(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=1)
    with pytest.raises(DataInvalid, match=r"labels\.csv: of its 1 people"):
        labelled_folder(folder)


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
    with pytest.raises(
        DataInvalid, match=r"fer.npz is truncated or no FER2013 file .*labels is not"
    ):
        fer2013(tmp_path / "fer.npz")
