"""Black and frozen pictures."""

from __future__ import annotations

import numpy as np
import pytest

from contract.messages import CameraState
from edge.analytics.pictures import PictureCheck

from .people import at


def picture(kind, second):
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
            return rng.integers(80, 160, (240, 320, 3), np.uint8)
        case _:
            raise ValueError(kind)


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
