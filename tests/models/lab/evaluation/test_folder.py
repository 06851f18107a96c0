"""Labelled folders: what is read, what is listed as left out, and what ends the evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.scene import Box, Detection
from models.lab.evaluation.boxes import DetectedFaces, read_listed_faces
from models.lab.evaluation.errors import DataInvalid, DataMissing
from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.folder import read_faces, read_folder, require_folder
from models.lab.splits import Part, part_of
from tests.models.lab.evaluation.fakes import CentreFinder

grain = np.random.default_rng(0).integers(0, 256, (100, 80, 3), dtype=np.uint8)
POINTS = ("reye", "leye", "nose", "rmouth", "lmouth")
HEADING = "file,face,x,y,w,h," + ",".join(f"{point}_x,{point}_y" for point in POINTS)


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), grain)
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(cv2.imencode(".jpg", grain)[1].tobytes()[:100])
    return tmp_path


def labels(folder, *rows, heading="file,label,person"):
    path = folder / "labels.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def faces(folder, *rows, heading=HEADING):
    path = folder / "faces.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def test_bad_pictures_are_rejected_by_name_and_the_others_read(folder):
    path = labels(
        folder,
        "a.png,happiness,An",
        "empty.png,happiness,An",
        "text.png,happiness,An",
        "cut.jpg,happiness,An",
        "missing.png,happiness,An",
        "nul\0.png,happiness,An",
        "a.png,bored,An",
        "b.png,Neutral,Bình",
    )
    found = list(read_folder(folder, path, None).faces())
    good = [face for face in found if not isinstance(face, UnusablePicture)]
    bad = {face.file: face.reason for face in found if isinstance(face, UnusablePicture)}
    assert [(face.file, face.labels["label"], face.person) for face in good] == [
        ("a.png", "happiness", "An"),
        ("b.png", "Neutral", "Bình"),
    ]
    assert bad["empty.png"] == "is empty"
    assert bad["text.png"] == "is no picture, or a damaged one"
    assert bad["missing.png"].startswith("cannot be read: ")
    assert bad["nul\0.png"] == "cannot be read: embedded null byte"
    assert "'bored' in labels.csv line 8; known: angry" in bad["a.png"]
    assert "cut.jpg" in bad


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("file,person", r"labels\.csv has no column label; it has file, person"),
        ("name,label", r"labels\.csv has no column file"),
    ],
)
def test_a_missing_column_is_named(folder, heading, message):
    with pytest.raises(DataInvalid, match=message):
        read_folder(folder, labels(folder, "a,b", heading=heading), None)


def test_a_file_without_rows_is_named(folder):
    with pytest.raises(DataInvalid, match=r"labels\.csv has no rows"):
        read_folder(folder, labels(folder), None)


def test_a_file_that_is_no_text_is_named(folder):
    path = folder / "labels.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(DataInvalid, match=r"labels\.csv is not UTF-8 text"):
        read_folder(folder, path, None)


def test_missing_files_and_folders_are_named(folder):
    with pytest.raises(DataMissing, match=r"labels\.csv is not there"):
        read_folder(folder, folder / "labels.csv", None)
    with pytest.raises(DataMissing, match=r"nowhere is no folder"):
        read_folder(folder / "nowhere", folder / "labels.csv", None)
    with pytest.raises(DataMissing, match=r"a+ cannot be reached: File name too long"):
        read_folder(folder / ("a" * 300), folder / "labels.csv", None)


@pytest.mark.parametrize("heading", ["file,label", "file,label,person"])
def test_a_picture_of_nobody_named_has_a_part_of_its_own(folder, heading):
    files = [f"{index}.png" for index in range(40)]
    path = labels(folder, *(f"{file},happy," for file in files), heading=heading)
    for part in Part:
        found = read_folder(folder, path, None, part)
        expected = [file for file in files if part_of(file) is part]
        assert expected
        assert [face.file for face in found.faces()] == expected


def test_a_row_without_a_file_is_rejected_by_its_line(folder):
    path = labels(folder, "a.png,happy,An", ",happy,An", ",,")
    _, *rejected = read_folder(folder, path, None).faces()
    assert [(face.file, face.reason) for face in rejected] == [
        ("labels.csv line 3", "names no file"),
        ("labels.csv line 4", "names no file"),
    ]


def test_a_picture_listed_again_counts_once(folder):
    path = labels(folder, "a.png,happy,An", "b.png,sad,An", "a.png,happy,An")
    first, second, rejected = read_folder(folder, path, None).faces()
    assert [first.file, second.file] == ["a.png", "b.png"]
    assert (rejected.file, rejected.reason) == ("a.png", "is listed again in labels.csv line 4")


def test_a_picture_listed_under_another_spelling_counts_once(folder):
    path = labels(folder, "a.png,happy,An", "./a.png,happy,An")
    _, rejected = read_folder(folder, path, None).faces()
    assert (rejected.file, rejected.reason) == ("a.png", "is listed again in labels.csv line 3")
    finder = read_listed_faces(faces(folder, "./a.png,0,1,1,50,50", heading="file,face,x,y,w,h"))
    path = labels(folder, "a.png,happy,An")
    (face,) = read_folder(folder, path, finder).faces()
    assert face.width_px == 50


def test_each_known_label_has_an_example(folder):
    path = labels(folder, "a.png,happy,An", "b.png,happy,An", "b.png,sad,An", "b.png,bored,An")
    source = read_folder(folder, path, None)
    assert source.label_examples == {"happy": "a.png", "sad": "b.png"}


def test_a_part_takes_its_people_only(folder):
    path = labels(folder, "a.png,happy,person 10", "b.png,happy,person 0")
    for part, expected in ((Part.VALIDATION, ["a.png"]), (Part.TRAINING, ["b.png"])):
        found = read_folder(folder, path, None, part)
        assert [face.file for face in found.faces()] == expected
    with pytest.raises(DataMissing, match=r"labels\.csv names nobody of the part calibration"):
        read_folder(folder, path, None, Part.CALIBRATION)


def test_the_largest_listed_face_is_taken_with_its_landmarks(folder):
    points = ",".join(str(value) for value in (30, 40, 50, 40, 40, 50, 32, 60, 48, 60))
    finder = read_listed_faces(
        faces(folder, f"a.png,0,1,1,5,5,{points}", f"a.png,1,20,25,40,50,{points}")
    )
    (face,) = read_folder(folder, labels(folder, "a.png,happy,An"), finder).faces()
    assert (face.box.width, face.box.height) == (40, 50)
    assert not face.are_landmarks_guessed
    inner = face.landmarks[0] - [face.box.left, face.box.top]
    assert inner.tolist() == [10, 15]


def test_what_is_not_listed_or_lies_outside_is_rejected(folder):
    finder = read_listed_faces(faces(folder, "b.png,0,500,500,40,50", heading="file,face,x,y,w,h"))
    path = labels(folder, "a.png,happy,An", "b.png,happy,An")
    reasons = [face.reason for face in read_folder(folder, path, finder).faces()]
    assert reasons == [
        "has no face in faces.csv",
        "its face in faces.csv lies outside of the picture",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a.png,0,1,x,5,5", r"faces\.csv line 2: y is 'x' and no number"),
        ("a.png,0,1,nan,5,5", r"faces\.csv line 2: y is 'nan' and no number"),
        ("a.png,0,1,1,0,5", r"faces\.csv line 2: w and h must be at least 1 pixel"),
        ("a.png,0,0.1,0.1,0.5,0.5", r"faces\.csv line 2: w and h must be at least 1 pixel"),
        (",0,1,1,5,5", r"faces\.csv line 2: names no file"),
    ],
)
def test_a_bad_row_names_file_and_line(folder, row, message):
    with pytest.raises(DataInvalid, match=message):
        read_listed_faces(faces(folder, row, heading="file,face,x,y,w,h"))


@pytest.mark.parametrize(
    ("box", "points"),
    [
        ("-1e30,-1e30,1e31,1e31", [30] * 10),
        ("-1e308,0,1.5e308,50", [30] * 10),
        ("1,1,50,1e9", [30] * 10),
        ("1,1,50,50", [1e39, *[30] * 9]),
        ("1,1,50,50", [*[30] * 9, -1e4]),
    ],
)
def test_a_face_far_beyond_its_picture_is_rejected(folder, box, points):
    finder = read_listed_faces(faces(folder, f"a.png,0,{box},{','.join(map(str, points))}"))
    (face,) = read_folder(folder, labels(folder, "a.png,happy,An"), finder).faces()
    assert face.reason == "its face in faces.csv leaves the picture by more than its size"


def test_faces_are_searched_where_none_are_listed(folder):
    cv2.imwrite(str(folder / "b.png"), np.full((50, 50, 3), 80, np.uint8))
    finder = DetectedFaces(CentreFinder(width_px=30))
    path = labels(folder, "a.png,happy,An", "b.png,happy,An")
    face, rejected = read_folder(folder, path, finder).faces()
    assert face.width_px == 30
    assert rejected.reason == "centre-finder finds no face in it"


@dataclass
class SmallFinder:
    """Finds the white square of a picture; of one that is wider than `most_px` only a corner."""

    most_px: float
    name: str = "small-finder"

    def detect(self, image):
        rows, columns = np.nonzero(image[..., 0] > 127)
        if not len(rows):
            return []
        left, top = float(columns.min()), float(rows.min())
        side_px = float(columns.max() + 1 - left)
        if side_px > self.most_px:
            side_px = 5.0
        box = Box(left=left, top=top, right=left + side_px, bottom=top + side_px)
        marks = np.full((5, 2), (left, top), np.float32)
        return [Detection(box=box, score=0.9, landmarks=marks)]


@pytest.mark.parametrize("side_px", [40, 100, 200])
def test_large_faces_are_found_in_smaller_pictures(side_px):
    image = np.zeros((601, 500, 3), np.uint8)
    image[100 : 100 + side_px, 60 : 60 + side_px] = 255
    found = DetectedFaces(SmallFinder(most_px=60)).find("a.png", image)
    assert found.box.left == pytest.approx(60, abs=8)
    assert found.box.top == pytest.approx(100, abs=8)
    assert found.box.width == pytest.approx(side_px, abs=8)
    assert found.landmarks[0] == pytest.approx((60, 100), abs=8)


def test_listed_faces_need_no_labels(folder):
    listed = read_listed_faces(faces(folder, "a.png,0,20,25,40,50", heading="file,face,x,y,w,h"))
    (face,) = read_faces(folder, None, listed).faces()
    assert face.labels == {}
    assert face.are_landmarks_guessed


def test_without_labels_nobody_is_of_a_part(folder):
    listed = read_listed_faces(faces(folder, "a.png,0,20,25,40,50", heading="file,face,x,y,w,h"))
    with pytest.raises(DataMissing, match="--part training needs --labels"):
        read_faces(folder, None, listed, Part.TRAINING)


def test_what_is_no_folder_or_cannot_be_reached_is_named(folder):
    with pytest.raises(DataMissing, match=r"a\.png is no folder"):
        require_folder(folder / "a.png")
    with pytest.raises(DataMissing, match=r"the folder of models a+ cannot be reached: File name"):
        require_folder(Path("a" * 300), "the folder of models ")
