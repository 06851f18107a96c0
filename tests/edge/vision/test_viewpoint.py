"""Whether a camera that was moved is recognised, and one that was not is left in peace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from edge.scene import Box
from edge.vision.viewpoint import Viewpoint

START = datetime(2026, 10, 5, 8, tzinfo=UTC)
SIZE = (320, 240)


def room():
    """Return a picture of a room with things of many shapes in it."""
    rng = np.random.default_rng(5)
    image = np.full((240, 320, 3), 150, np.uint8)
    for _ in range(60):
        x, y = (int(v) for v in rng.integers((0, 0), (300, 220)))
        w, h = (int(v) for v in rng.integers(6, 30, 2))
        colour = tuple(int(v) for v in rng.integers(40, 240, 3))
        cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)
    return image


ROOM = room()
NOISE = np.random.default_rng(6).normal(0, 3, ROOM.shape).astype(np.int16)


def seen(change, second):
    noise = np.roll(NOISE, int(7 * second), axis=1)
    return np.clip(change(ROOM.copy(), second) + noise, 1, 255).astype(np.uint8)


def same(image, second):
    return image


def shifted(image, second):
    return cv2.warpAffine(image, np.float32([[1, 0, 22], [0, 1, 6]]), SIZE, borderMode=1)


def turned(image, second):
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((160, 120), 8, 1), SIZE, borderMode=1)


def away(image, second):
    return image[::-1, ::-1]


def dimmed(image, second):
    return (image * 0.5).astype(np.uint8)


def shaking(image, second):
    by = np.float32([[1, 0, 3 * np.sin(40 * second)], [0, 1, 2 * np.cos(31 * second)]])
    return cv2.warpAffine(image, by, SIZE, borderMode=1) if second < 33 else image


def crowded(image, second):
    image[75:240, 20:210] = 90  # people stand close to the camera
    return image


def run(change, *, until=42.0, since=30.0, masked=False):
    """Return (second, whether it has moved) with `change` from `since` on."""
    viewpoint, states = Viewpoint(), []
    for second in np.arange(0, until, 1.0):
        image = seen(change if second >= since else same, second)
        if masked:
            image[190:] = 0
        states.append((second, viewpoint.has_moved(image, START + timedelta(seconds=second))))
    return states


@pytest.mark.parametrize("change", [shifted, turned, away])
@pytest.mark.parametrize("masked", [False, True])
def test_another_view_is_told_within_ten_seconds(change, masked):
    states = run(change, masked=masked)
    assert not any(moved for second, moved in states if second < 30)
    assert all(moved for second, moved in states if second >= 40)


@pytest.mark.parametrize("change", [same, dimmed, shaking, crowded])
def test_light_crowds_and_shaking_do_not_move_a_camera(change):
    assert not any(moved for _, moved in run(change))


def test_it_clears_by_itself_when_the_camera_is_turned_back():
    states = run(lambda image, second: shifted(image, second) if second < 40 else image, until=43)
    assert any(moved for _, moved in states)
    assert not states[-1][1]


def test_corners_on_those_who_stand_for_long_are_not_the_room_s():
    rng = np.random.default_rng(9)
    coat = rng.integers(40, 240, (110, 130, 3), np.uint8)
    bare = np.full((240, 320, 3), 150, np.uint8)
    for x in (10, 290):
        for y in (40, 90, 140, 190):
            cv2.rectangle(bare, (x, y), (x + 14, y + 20), (60, 60, 60), -1)
    head = Box(left=135, top=75, right=185, bottom=125)
    viewpoint, states = Viewpoint(), []
    for second in range(60):
        image = bare.copy()
        if second < 30:
            image[70:180, 95:225] = coat
        noisy = np.clip(image + np.roll(NOISE, 7 * second, axis=1), 1, 255).astype(np.uint8)
        people = [head] if second < 30 else []
        states.append(viewpoint.has_moved(noisy, START + timedelta(seconds=second), people))
    assert not any(states)
