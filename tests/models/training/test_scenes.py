"""Composed scenes: what is written of a face must lie where the face is drawn."""

from __future__ import annotations

import cv2
import numpy as np

from models.splits import Part
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
