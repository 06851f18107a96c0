"""The figures that are put into scenes: portraits that may be shipped, and people seen from behind.

Those seen from behind are cut out of ../shared/data/video/one_by_one_part1.mp4 (Intel Corporation,
CC BY 4.0) by their difference from the same room without them; they exist in memory only.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from edge.capture.synthetic.sprites import Sprite, make_sprite
from edge.capture.synthetic.timeline import Appearance
from edge.scene import Image

CLIP = "data/video/one_by_one_part1.mp4"

_EMPTY_AT_S = 1.0
_STANDING_AT_S = (12.0, 33.0, 60.0)
_HEAD_OF_HEIGHT = 0.135
"""A head's width as a share of a standing figure's height, hair included."""

_DIFFERENCE = 50
_EDGE_PX = 5


@cache
def portrait(appearance: Appearance) -> Sprite:
    """Return the portrait of `appearance` without background."""
    return make_sprite(appearance)


@cache
def room_from_behind(shared: Path) -> Image:
    """Return the recording's room while nobody is in it."""
    return _picture_at(shared, _EMPTY_AT_S)


@cache
def back(shared: Path, number: int) -> Sprite:
    """Return the figure `number` (0..2), seen from behind, without background."""
    picture = _picture_at(shared, _STANDING_AT_S[number])
    apart = cv2.absdiff(picture, room_from_behind(shared)).max(axis=2)
    mask = (cv2.GaussianBlur(apart, (5, 5), 0) > _DIFFERENCE).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height = (int(value) for value in stats[largest, :4])
    inside = (labels == largest).astype(np.float32)
    contours, _ = cv2.findContours(
        (labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    cv2.drawContours(inside, contours, -1, 1.0, cv2.FILLED)
    soft = cv2.GaussianBlur(inside, (_EDGE_PX, _EDGE_PX), 0)
    part = np.s_[top : top + height, left : left + width]
    head_px = _HEAD_OF_HEIGHT * height
    columns = np.flatnonzero(inside[top + int(0.5 * head_px)])
    return Sprite(
        image=picture[part].copy(),
        opacity=soft[part].astype(np.float32),
        face_x=float(columns.mean() - left),
        face_y=0.6 * head_px,
        face_px=head_px,
    )


def _picture_at(shared: Path, at_s: float) -> Image:
    capture = cv2.VideoCapture(str(shared / CLIP))
    try:
        capture.set(cv2.CAP_PROP_POS_MSEC, at_s * 1000)
        read, picture = capture.read()
    finally:
        capture.release()
    if not read:
        raise FileNotFoundError(f"{shared / CLIP} gives no picture at {at_s} s")
    return picture.astype(np.uint8, copy=False)
