"""Composed scenes: what is written of a face must lie where the face is drawn."""

from __future__ import annotations

import cv2
import numpy as np

from models.lab.splits import Part
from models.lab.training.backgrounds import Backgrounds
from models.lab.training.backs import drawn_back, without_face, without_others
from models.lab.training.photographs import Material, Photograph, Scene, decoded, photographs
from models.lab.training.scenes import SIDE_PX, SceneMaker
from tests.models.lab.training.collections import disc, labelled_faces


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


def test_points_lie_where_their_face_is_drawn_to_a_tenth_of_a_pixel():
    """A disc stands for a face; its points are its middle, counted from the picture's corner."""
    photograph = disc((200, 200))
    box = photograph.boxes
    frame = Scene(
        image=decoded(photograph.file, 1),
        boxes=np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1),
        landmarks=photograph.landmarks,
    )
    material = Material(photographs=[photograph], empty=[], frames=[frame])
    scenes = SceneMaker(material, np.random.default_rng(3))
    assert _off_the_middle(scenes.frame() for _ in range(100)) < 0.1
    for width in (16.0, 30.0, 70.0):
        assert _off_the_middle(_pasted(scenes, width) for _ in range(100)) < 0.1


def _pasted(scenes, width):
    image = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    boxes, points = [], []
    head = scenes.head(width, is_turned_away=False)
    scenes.paste(image, head, width, boxes, points, crowded=False)
    return Scene(image=image, boxes=np.array(boxes), landmarks=np.array(points))


def _off_the_middle(scenes):
    """Return how far points lie from the middle of what is drawn, the median of whole faces."""
    distances = []
    for scene in scenes:
        if (scene.boxes > 0).all() and (scene.boxes < SIDE_PX).all():
            middle = [
                ((np.arange(SIDE_PX) + 0.5) * scene.image.sum(axis=axis)).sum() / scene.image.sum()
                for axis in (0, 1)
            ]
            distances.append(scene.landmarks[0, 0] - middle)
    assert len(distances) > 20
    return np.abs(np.median(distances, axis=0)).max()


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
        head = scenes.head(90.0, is_turned_away=False)
        scenes.paste(image, head, 90.0, boxes, landmarks, crowded=True)
        shares.append(float((image[80:180, 80:160] > 0).mean()))
        assert len(boxes) == len(landmarks)
    assert max(shares) < 0.6  # soft edges count as drawn
    assert sum(share > 0.1 for share in shares) > 10


def test_heads_seen_from_behind_are_no_faces(tmp_path):
    scenes = maker(tmp_path, seed=6)
    image, boxes = np.zeros((SIDE_PX, SIDE_PX), np.uint8), []
    for _ in range(10):
        head = scenes.head(40.0, is_turned_away=True)
        scenes.paste(image, head, 40.0, boxes, [], crowded=False)
    assert not boxes
    assert image.any()


def two_discs(second):
    """Return a photograph of a disc in its middle, and of another disc around `second`."""
    image = decoded(disc((200, 200)).file, 1)
    small = disc(second, radius=30)
    image = np.maximum(image, decoded(small.file, 1))
    one = disc((200, 200))
    return Photograph(
        name="two",
        file=cv2.imencode(".png", image)[1].tobytes(),
        boxes=np.concatenate([one.boxes, small.boxes]),
        landmarks=np.concatenate([one.landmarks, small.landmarks]),
    )


def scenes_of(photograph, seed=0):
    material = Material(photographs=[photograph], empty=[], frames=[])
    return SceneMaker(material, np.random.default_rng(seed))


def test_a_photographs_other_faces_are_hidden_as_they_have_no_label():
    photograph = two_discs((330, 90))
    scenes, there = scenes_of(photograph), np.s_[60:120, 300:360]
    shown = decoded(photograph.file, 1)
    heads = [scenes.head(150.0, is_turned_away=False).image for _ in range(20)]
    assert not any(np.array_equal(head[there], shown[there]) for head in heads)
    assert np.median([(head == 255).mean() for head in heads]) > 0.1  # the large disc is 0.126


def test_a_face_that_is_listed_twice_is_not_hidden():
    image = decoded(disc((200, 200)).file, 1)
    boxes = np.array([[120, 120, 160, 160], [150, 150, 40, 40]], np.float32)
    assert np.array_equal(without_others(image, boxes, np.random.default_rng(0)), image)


def test_small_faces_do_not_stay_whole_in_shuffled_backgrounds():
    material = Material(photographs=[disc((200, 200), radius=15)], empty=[], frames=[])
    backgrounds = Backgrounds(material, np.random.default_rng(0), side_px=SIDE_PX)
    light = [(backgrounds.shuffled(256, 256) == 255).mean() for _ in range(30)]
    assert np.median(light) == 0


def test_about_a_third_of_the_faces_wear_something():
    photograph = disc((200, 200))
    scenes = scenes_of(photograph)
    plain = decoded(photograph.file, 1)
    heads = [scenes.head(200.0, is_turned_away=False).image for _ in range(100)]
    assert 15 < sum(not np.array_equal(head, plain) for head in heads) < 45
