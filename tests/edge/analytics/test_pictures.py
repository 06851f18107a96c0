"""Black, covered, frozen, too bright and blurred pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from contract.messages import CameraState
from edge.analytics.pictures import PictureCheck

from .people import at


def room(rng):
    """Return a wall with a few things on it, and a sensor's noise."""
    image = np.full((240, 320, 3), 130, np.int16)
    for left in range(20, 300, 60):
        image[60:180, left : left + 25] = 60
    noisy = image + rng.normal(0, 3, image.shape)
    return np.clip(noisy, 1, 255).astype(np.uint8)


def picture(kind, second):  # noqa: C901 - a table of pictures
    rng = np.random.default_rng(int(second * 10))
    match kind:
        case "black":
            return rng.integers(0, 6, (240, 320, 3), np.uint8)
        case "dusk":  # dark, with one lamp
            image = rng.integers(0, 6, (240, 320, 3), np.uint8)
            image[60:120, 100:200] = 200
            return image
        case "still":
            return np.full((240, 320, 3), 120, np.uint8)
        case "room":
            return room(rng)
        case "dim":
            return (room(rng) * 0.4).astype(np.uint8)
        case "blurred":
            return cv2.GaussianBlur(room(rng), (0, 0), 6)
        case "bright":
            return np.clip(room(rng).astype(int) + 150, 0, 255).astype(np.uint8)
        case "hand":  # red and dark, without a shape
            shade = np.linspace(20, 60, 320)[None, :, None] * np.array((0.5, 0.6, 1.2))
            return np.clip(shade + rng.normal(0, 3, (240, 320, 3)), 1, 255).astype(np.uint8)
        case _:
            raise ValueError(kind)


def test_every_bad_state_is_told_within_ten_seconds_also_behind_a_mask():
    for kind, seconds in (("hand", 5), ("bright", 5), ("blurred", 8)):
        check = PictureCheck()
        states = []
        for index in range(50 + 10 * seconds):
            image = picture("room" if index < 50 else kind, index / 10)
            image[200:] = 0  # the officer's side
            states.append(check.update(image, at(index / 10)))
        assert set(states[:50]) == {CameraState.OK}
        assert states[-1] is not CameraState.OK, kind


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["room"] * 120, "ok"),
        (["dusk"] * 120, "ok"),
        (["black"] * 28, "ok"),
        (["black"] * 40, "black"),
        (["still"] * 90, "ok"),
        (["still"] * 110, "frozen"),
        (["black"] * 40 + ["room"], "ok"),
        (["still"] * 110 + ["room"], "ok"),
        (["room"] * 30 + ["black"] * 40, "black"),
        (["room"] * 60 + ["hand"] * 30, "ok"),
        (["room"] * 60 + ["hand"] * 60, "covered"),
        (["room"] * 60 + ["bright"] * 60, "over_exposed"),
        (["room"] * 60 + ["blurred"] * 90, "out_of_focus"),
        (["room"] * 60 + ["dim"] * 120, "ok"),
        (["room"] * 60 + ["blurred"] * 90 + ["room"] * 6, "ok"),
        (["room"] * 60 + ["hand"] * 60 + ["room"] * 6, "ok"),
    ],
)
def test_ten_pictures_a_second_lead_to(kinds, expected):
    check = PictureCheck()
    states = [
        check.update(picture(kind, index / 10), at(index / 10)) for index, kind in enumerate(kinds)
    ]
    assert states[-1] is CameraState(expected)


def test_a_clock_set_back_does_not_make_a_picture_old():
    check = PictureCheck()
    check.update(picture("still", 0), at(1000))
    assert check.update(picture("still", 0), at(0)) is CameraState.OK
    assert check.update(picture("still", 0), at(9)) is CameraState.OK
