"""Composed scenes: what is written of a face must lie where the face is drawn."""

from __future__ import annotations

import cv2
import numpy as np

from models.splits import Part
from models.training.backs import drawn_back, without_face
from models.training.photographs import Material, Scene, photographs
from models.training.scenes import SIDE_PX, SceneMaker
from tests.models.training.collections import labelled_faces


def maker(tmp_path, seed=0, frames=()):
    folder = labelled_faces(tmp_path / f"faces{seed}{len(frames)}", people=12)
    known = photographs(folder, Part.TRAINING)
    material = Material(photographs=known, empty=[], frames=frames)
    return SceneMaker(material, np.random.default_rng(seed))


def test_the_same_source_gives_the_same_scenes(tmp_path):
    first, second = maker(tmp_path / "a"), maker(tmp_path / "b")
    for _ in range(5):
        one, other = first.make(), second.make()
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.boxes, other.boxes)


def test_landmarks_lie_within_their_boxes_and_right_is_right(tmp_path):
    scenes = [maker(tmp_path, seed).make() for seed in range(30)]
    faces = 0
    for scene in scenes:
        assert scene.image.shape == (SIDE_PX, SIDE_PX)
        for box, points in zip(scene.boxes, scene.landmarks, strict=True):
            faces += 1
            size = box[2:] - box[:2]
            assert (points > box[:2] - 0.25 * size).all()
            assert (points < box[2:] + 0.25 * size).all()
            # Seen from the right eye, the nose is clockwise of the left eye, also in a mirror.
            eyes, nose = points[1] - points[0], points[2] - points[0]
            assert eyes[0] * nose[1] - eyes[1] * nose[0] > 0
    assert faces > 20


def test_a_frames_faces_move_with_it(tmp_path):
    image = np.zeros((200, 300), np.uint8)
    cv2.circle(image, (150, 100), 12, 255, -1)
    frame = Scene(
        image=image,
        boxes=np.array([[138, 88, 162, 112]], np.float32),
        landmarks=np.full((1, 5, 2), [150, 100], np.float32),
    )
    scenes = maker(tmp_path, seed=3, frames=[frame])
    seen = [scenes._frame() for _ in range(20)]
    for scene in seen:
        y, x = np.nonzero(scene.image > 128)
        if not len(x):
            continue
        point = scene.landmarks[0, 0]
        if (point > 20).all() and (point < SIDE_PX - 20).all():
            assert abs(x.mean() - point[0]) < 1.5
            assert abs(y.mean() - point[1]) < 1.5


def test_a_drawn_back_covers_the_head_and_shoulders_but_not_the_corners():
    for seed in range(20):
        back = drawn_back(np.random.default_rng(seed))
        x, y, w, h = back.box.astype(int)
        middle = np.s_[y + h // 4 : y + h * 3 // 4, x + w // 4 : x + w * 3 // 4]
        assert back.covers[middle].min() > 0.95
        assert back.covers[-1, back.covers.shape[1] // 2] > 0.9
        assert back.covers[0].max() < 0.05


def test_a_photographed_head_without_its_face_keeps_what_is_around_it():
    image = np.full((200, 200), 90, np.uint8)
    box = np.array([70, 60, 60, 80], np.float32)
    changed = without_face(image, box, np.random.default_rng(0)) != image
    assert changed[90:110, 90:110].mean() > 0.9
    assert not changed[:20].any()
    assert not changed[180:].any()


def test_in_a_crowd_half_of_a_face_may_be_covered_but_not_more(tmp_path):
    scenes = maker(tmp_path, seed=5)
    shares = []
    for _ in range(60):
        image = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        boxes, landmarks = [np.array([80, 80, 160, 180], np.float32)], [np.zeros((5, 2))]
        head = scenes._head(90.0, is_turned_away=False)
        scenes._paste(image, head, 90.0, boxes, landmarks, crowded=True)
        shares.append(float((image[80:180, 80:160] > 0).mean()))
        assert len(boxes) == len(landmarks)
    assert max(shares) < 0.6  # soft edges count as drawn
    assert sum(share > 0.1 for share in shares) > 10


def test_heads_seen_from_behind_are_no_faces(tmp_path):
    scenes = maker(tmp_path, seed=6)
    image, boxes = np.zeros((SIDE_PX, SIDE_PX), np.uint8), []
    for _ in range(10):
        head = scenes._head(40.0, is_turned_away=True)
        scenes._paste(image, head, 40.0, boxes, [], crowded=False)
    assert not boxes
    assert image.any()
