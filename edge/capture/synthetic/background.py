"""The synthetic scene's background: wall, floor and counter, painted with plain shapes."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edge.scene import Image

WIDTH_PX, HEIGHT_PX = 640, 480

_COUNTER_TOP_PX = 412
_FLOOR_PX = 300
_PARTITION_PX = (238, 372)
_CLOCK_CENTRE_PX, _CLOCK_RADIUS_PX = (320, 42), 24


def paint_background() -> Image:
    """Return the empty room behind everyone, BGR."""
    room = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    shade = np.linspace(0, 1, _FLOOR_PX)[:, None, None]
    room[:_FLOOR_PX] = (np.array((205, 214, 216)) * (1 - 0.18 * shade)).astype(np.uint8)
    shade = np.linspace(0, 1, HEIGHT_PX - _FLOOR_PX)[:, None, None]
    room[_FLOOR_PX:] = (np.array((120, 138, 150)) * (1 - 0.25 * shade)).astype(np.uint8)
    cv2.line(room, (0, _FLOOR_PX), (WIDTH_PX, _FLOOR_PX), (90, 100, 108), 3, cv2.LINE_AA)
    _paint_window(room, 24)
    _paint_window(room, 496)
    cv2.circle(room, _CLOCK_CENTRE_PX, _CLOCK_RADIUS_PX, (245, 245, 245), -1, cv2.LINE_AA)
    cv2.circle(room, _CLOCK_CENTRE_PX, _CLOCK_RADIUS_PX, (70, 70, 70), 2, cv2.LINE_AA)
    return room


def paint_clock_hand(picture: Image, at_s: float) -> None:
    """Turn the wall clock's hand: a picture in which nothing moves would pass for a frozen one."""
    angle = 2 * math.pi * at_s / 60
    reach_px = _CLOCK_RADIUS_PX - 5
    x, y = _CLOCK_CENTRE_PX
    tip = (round(x + reach_px * math.sin(angle)), round(y - reach_px * math.cos(angle)))
    cv2.line(picture, _CLOCK_CENTRE_PX, tip, (40, 40, 200), 2, cv2.LINE_AA)
    share = at_s % 1.0
    cv2.circle(picture, (round(x - 30 + 60 * share), y + 34), 4, (150, 90, 30), -1, cv2.LINE_AA)


def paint_partition(picture: Image) -> None:
    """Paint the low wall between those who wait, behind it, and those who have stepped up."""
    top, bottom = _PARTITION_PX
    cv2.rectangle(picture, (0, top), (WIDTH_PX, bottom), (150, 163, 158), -1)
    cv2.rectangle(picture, (0, top), (WIDTH_PX, top + 6), (188, 198, 196), -1)
    for left in range(80, WIDTH_PX, 160):
        cv2.line(picture, (left, top + 7), (left, bottom), (128, 142, 138), 2)


def paint_counter(picture: Image) -> None:
    """Paint the counter in front of everyone; behind it, at the bottom, is the officer's side."""
    cv2.rectangle(picture, (0, _COUNTER_TOP_PX), (WIDTH_PX, HEIGHT_PX), (70, 95, 128), -1)
    cv2.rectangle(
        picture, (0, _COUNTER_TOP_PX), (WIDTH_PX, _COUNTER_TOP_PX + 10), (110, 145, 180), -1
    )
    for left in (140, 450):
        cv2.rectangle(picture, (left, _COUNTER_TOP_PX - 6), (left + 60, _COUNTER_TOP_PX + 4),
                      (235, 235, 235), -1)  # fmt: skip


def _paint_window(room: Image, left: int) -> None:
    cv2.rectangle(room, (left, 30), (left + 120, 150), (235, 222, 196), -1)
    cv2.rectangle(room, (left, 30), (left + 120, 150), (150, 160, 165), 4)
    cv2.line(room, (left + 60, 30), (left + 60, 150), (150, 160, 165), 3)
