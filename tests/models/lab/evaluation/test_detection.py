"""Face detectors on scenes with one face in the middle."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scene import Box
from models.lab.evaluation.detection import evaluate_faces, find_false_faces
from models.lab.evaluation.entries import FaceModel
from models.lab.evaluation.errors import DataInvalid, DataMissing, NothingUsable
from models.lab.evaluation.face_report import FalseFaces
from models.lab.evaluation.faces import UnusablePicture, face_in
from models.lab.evaluation.figure_tables import face_tables
from models.lab.evaluation.frames import add_false_faces, read_frames, require_frames
from models.lab.evaluation.scenes import detection_conditions, landmark_error, overlap, scene
from tests.models.lab.evaluation.fakes import CentreFinder

grain = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
boxes = st.builds(
    lambda left, top, width, height: Box(
        left=left, top=top, right=left + width, bottom=top + height
    ),
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(1, 100),
    st.floats(1, 100),
)


def some_face(width=120.0, landmarks=None):
    box = Box(left=90, top=90, right=90 + width, bottom=90 + width)
    return face_in(grain, box, landmarks, file="a.png", labels={}, person="An")


def figures(finder, face=None):
    model = FaceModel(name="finder", detector=finder, sha256="0" * 64)
    evaluation = evaluate_faces("made", [face or some_face()], [model])
    return {c.name: c for c in evaluation.models[0].conditions}


@given(boxes, boxes)
def test_overlap_is_symmetric_and_at_most_one(one, other):
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, one) == pytest.approx(1)


def test_a_scene_has_the_face_in_the_middle():
    for face in (some_face(), some_face(width=200.0)):
        frame, box, _ = scene(face)
        assert frame.shape == (480, 640, 3)
        assert box.centre == pytest.approx((320, 240), abs=0.51)
        x, y = (int(value) for value in face.box.centre)
        np.testing.assert_array_equal(
            frame[240 - 5 : 245, 320 - 5 : 325], face.image[y - 5 : y + 5, x - 5 : x + 5]
        )


def test_only_boxes_of_the_right_size_are_finds():
    found = figures(CentreFinder(width_px=48))
    assert found["width 48"].recall.value == 1
    assert found["width 16"].recall.value == 0
    assert found["width 16"].more_boxes == 1
    assert found["width 48"].more_boxes == 0


def test_a_small_face_is_not_enlarged():
    found = figures(CentreFinder(width_px=48), some_face(width=50.0))
    assert found["width 48"].n == 1
    assert found["width 64"].n == found["mask, width 64"].n == 0
    assert found["width 64"].recall.value is None


def test_landmarks_count_where_they_are_labelled():
    assert figures(CentreFinder(width_px=48))["width 48"].landmark_error is None
    eyes = np.array([[137.5, 150], [162.5, 150], [150, 150], [150, 150], [150, 150]], np.float32)
    found = figures(CentreFinder(width_px=48), some_face(landmarks=eyes))
    assert found["width 48"].landmark_error == pytest.approx(0, abs=0.05)


def test_landmarks_of_faces_that_are_not_found_have_no_error():
    eyes = np.array([[137.5, 150], [162.5, 150], [150, 150], [150, 150], [150, 150]], np.float32)
    found = figures(CentreFinder(width_px=48), some_face(landmarks=eyes))
    assert found["width 16"].recall.value == 0
    assert found["width 16"].landmark_error is None
    assert found["width 16"].median_landmark_error is None


def test_the_tables_say_that_the_error_is_of_faces_that_were_found():
    model = FaceModel(name="finder", detector=CentreFinder(width_px=48))
    _, error, median, *_ = face_tables(evaluate_faces("made", [some_face()], [model]))
    assert "on the faces that each model found" in error.title
    assert "of these faces" in median.title


def test_the_error_of_landmarks_is_in_distances_between_the_eyes():
    labelled = np.array([[0, 0], [10, 0], [5, 5], [2, 8], [8, 8]], np.float32)
    assert landmark_error(labelled + np.float32([0, 1]), labelled) == pytest.approx(0.1)
    assert np.isnan(landmark_error(labelled, np.zeros((5, 2), np.float32)))


def test_every_width_and_every_change_is_tried():
    names = [condition.name for condition in detection_conditions()]
    assert names[:6] == [f"width {width}" for width in (16, 24, 32, 48, 64, 112)]
    assert {"mask, width 64", "dark, width 64", "sunglasses, width 64"} <= set(names)


def test_rejected_pictures_are_listed_and_nothing_else_is_an_error():
    model = FaceModel(name="finder", detector=CentreFinder(width_px=48))
    bad = UnusablePicture(file="b.png", reason="is empty")
    evaluation = evaluate_faces("made", [bad, some_face()], [model])
    assert evaluation.faces == 1
    assert [r.file for r in evaluation.rejected] == ["b.png"]
    with pytest.raises(NothingUsable, match=r"made: none of 1 pictures can be used") as caught:
        evaluate_faces("made", [bad], [model])
    assert caught.value.rejected == (bad,)


def test_faces_where_there_are_none_are_counted(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), grain)
    cv2.imwrite(str(tmp_path / "b.png"), np.full((50, 50, 3), 90, np.uint8))
    model = FaceModel(name="finder", detector=CentreFinder(width_px=48))
    false = find_false_faces(read_frames(tmp_path, []), [model])["finder"]
    assert (false.frames, false.faces, false.frames_with) == (2, 1, 1)


def test_a_place_without_any_frame_is_named(tmp_path):
    with pytest.raises(DataMissing, match=r"gone\.mp4 is neither a folder nor a file"):
        require_frames([tmp_path / "gone.mp4"])
    with pytest.raises(DataInvalid, match="has no frame that can be read"):
        require_frames([tmp_path])
    with pytest.raises(DataMissing, match="cannot be read: File name too long"):
        require_frames([tmp_path / ("a" * 300)])
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(DataInvalid, match="has no frame that can be read"):
        require_frames([tmp_path])


@pytest.fixture
def empty_rooms(tmp_path):
    """Two folders of frames: one with a false face and a bad picture, one with neither."""
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "a.png"), np.full((50, 50, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "left" / "b.png"), grain)
    (tmp_path / "left" / "bad.png").write_bytes(b"")
    return tmp_path / "left", tmp_path / "right"


def with_false_faces(paths):
    model = FaceModel(name="finder", detector=CentreFinder(width_px=48))
    return add_false_faces(evaluate_faces("made", [some_face()], [model]), [model], paths)


def test_a_frame_that_cannot_be_read_is_listed_and_the_others_shown(empty_rooms):
    evaluation = with_false_faces(empty_rooms[:1])
    assert [(r.file, r.reason) for r in evaluation.rejected] == [("left/bad.png", "is empty")]
    assert evaluation.models[0].false_faces == FalseFaces(frames=2, faces=1, frames_with=1)


def test_false_faces_are_told_of_each_source(empty_rooms):
    evaluation = with_false_faces(empty_rooms)
    assert evaluation.models[0].false_faces == FalseFaces(frames=3, faces=1, frames_with=1)
    left, right = list(face_tables(evaluation))[-2:]
    assert (left.title, right.title) == ("False faces in left", "False faces in right")
    assert left.rows == (("finder", "2", "1", "50.0 %"),)
    assert right.rows == (("finder", "1", "0", "0.0 %"),)
