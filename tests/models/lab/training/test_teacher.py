"""What a teacher writes of the faces in a folder, and the mean of its looks at one of them."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from models.lab.evaluation.boxes import read_listed_faces
from models.lab.evaluation.csv_rows import read_rows
from models.lab.evaluation.errors import DataInvalid
from models.lab.training.photographs import Photograph
from models.lab.training.teacher import consensus, faces_csv
from tests.models.lab.training.collections import FindsOvals


def picture(*ovals, size=(400, 300)):
    """Return a grey picture with light ovals, each given as x, y, width, height."""
    image = np.full(size[::-1], 90, np.uint8)
    for x, y, width, height in ovals:
        cv2.ellipse(image, ((x + width / 2, y + height / 2), (width, height), 0), 190, -1)
    return image


def folder_of(folder, **pictures):
    folder.mkdir(parents=True)
    for name, image in pictures.items():
        cv2.imwrite(str(folder / f"{name}.png"), image)
    names = [f"{name}.png\n" for name in pictures]
    (folder / "labels.csv").write_text("".join(["file\n", *names]))
    return folder


def test_a_consensus_is_where_the_face_is_and_right_stays_right():
    box = np.array([90, 60, 80, 100], np.float32)  # left of the middle: a mirror moves it
    wrong = np.zeros((1, 5, 2), np.float32)
    file = cv2.imencode(".png", picture(box))[1].tobytes()
    known = Photograph(name="a", file=file, boxes=box[None] + 4, landmarks=wrong)
    agreed = consensus(known, FindsOvals())
    np.testing.assert_allclose(agreed.boxes[0], box, atol=1)
    points = box[:2] + FindsOvals.parts * box[2:]
    np.testing.assert_allclose(agreed.landmarks[0], points, atol=1)


def test_what_is_known_of_other_faces_outlives_the_consensus():
    boxes = np.array([[40, 60, 80, 100], [250, 80, 50, 60]], np.float32)
    file = cv2.imencode(".png", picture(*boxes))[1].tobytes()
    points = np.ones((2, 5, 2), np.float32)
    known = Photograph(name="a", file=file, boxes=boxes, landmarks=points)
    agreed = consensus(known, FindsOvals())
    assert np.array_equal(agreed.boxes[1], boxes[1])
    assert len(agreed.landmarks) == 2


def test_a_photograph_without_consensus_is_named_in_the_log():
    file = cv2.imencode(".png", picture())[1].tobytes()
    boxes, points = np.full((1, 4), 80, np.float32), np.ones((1, 5, 2), np.float32)
    with capture_logs() as lines:
        known = Photograph(name="empty.png", file=file, boxes=boxes, landmarks=points)
        assert consensus(known, FindsOvals()) is None
    assert [line["file"] for line in lines] == ["empty.png"]


def test_all_faces_of_a_picture_are_listed_largest_first(tmp_path):
    ovals = [(20, 40, 50, 60), (120, 30, 90, 110), (280, 60, 70, 80)]
    folder = folder_of(tmp_path / "own", three=picture(*ovals))
    rows = read_rows(faces_csv(folder, FindsOvals(), tmp_path), columns=("file", "face"))
    assert [row["face"] for row in rows] == ["0", "1", "2"]
    found = [[row.number(column) for column in "xywh"] for row in rows]
    np.testing.assert_allclose(found, [ovals[1], ovals[2], ovals[0]], atol=2.5)


def test_a_face_too_large_for_the_detector_is_found_in_a_smaller_picture(tmp_path):
    folder = folder_of(tmp_path / "own", near=picture((60, 20, 200, 250)))
    path = faces_csv(folder, FindsOvals(widest_px=120), tmp_path)
    box = read_listed_faces(path).largest("near.png").box
    assert (box.left, box.width) == pytest.approx((60, 200), abs=3)


def test_folders_of_one_name_have_files_of_their_own(tmp_path):
    left, right = (picture((x, 40, 80, 100)) for x in (30, 250))
    folders = [
        folder_of(tmp_path / place / "cam", a=image)
        for place, image in (("hall", left), ("desk", right))
    ]
    files = [faces_csv(folder, FindsOvals(), tmp_path) for folder in folders]
    lefts = [read_listed_faces(file).largest("a.png").box.left for file in files]
    assert lefts == pytest.approx([30, 250], abs=1.5)


def test_a_picture_of_too_many_pixels_is_left_out_and_named(tmp_path):
    folder = folder_of(tmp_path / "own", a=picture((60, 40, 80, 100)), huge=picture())
    (folder / "huge.png").write_bytes(png_of_size(60_000))
    with capture_logs() as lines:
        path = faces_csv(folder, FindsOvals(), tmp_path)
    assert read_listed_faces(path).files == ("a.png",)
    assert [line["file"] for line in lines] == [str(folder / "huge.png")]


def png_of_size(side_px):
    """Return a picture's head, which tells its size, and hardly anything of its pixels."""
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def test_a_folder_in_which_no_face_is_found_is_named_with_what_to_do(tmp_path):
    folder = folder_of(tmp_path / "own", a=picture(), b=picture())
    with pytest.raises(DataInvalid, match=r"own: ovals finds a face in none of its 2 pictures"):
        faces_csv(folder, FindsOvals(), tmp_path / "out")
