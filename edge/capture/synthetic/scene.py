"""The synthetic scene that is bundled: a counter room rendered as a function of time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from edge.capture.recordings import TimedImage
from edge.capture.synthetic.background import (
    HEIGHT_PX,
    WIDTH_PX,
    paint_background,
    paint_clock_hand,
    paint_counter,
    paint_partition,
)
from edge.capture.synthetic.sprites import Sprite, make_sprite
from edge.capture.synthetic.timeline import ACTORS, PERIOD_S, Pose
from edge.scene import Image

PARTITION_FACE_PX = 72.0
"""Faces smaller than that are behind the low wall."""

_SWAY = 0.03
"""People do not stand still: how far they swing, in face widths."""
_SWAY_PERIOD_S = 3.1


class SyntheticScene:
    """Renders the timeline. Raises SceneMissing when the portraits' packages are not installed."""

    def __init__(self) -> None:
        self._background = paint_background()
        self._sprites = [make_sprite(actor.appearance) for actor in ACTORS]
        self._sized: dict[int, Sprite] = {}

    def render(self, at_s: float) -> Image:
        """Return the picture at a time of the scene, which starts again every `PERIOD_S`."""
        picture = self._background.copy()
        paint_clock_hand(picture, at_s)
        poses = _farthest_first(at_s % PERIOD_S)
        behind = [entry for entry in poses if entry[1].face_px < PARTITION_FACE_PX]
        self._paint_all(picture, behind, at_s)
        paint_partition(picture)
        self._paint_all(picture, poses[len(behind) :], at_s)
        paint_counter(picture)
        return picture

    def _paint_all(self, picture: Image, poses: Sequence[tuple[int, Pose]], at_s: float) -> None:
        for index, pose in poses:
            swing = math.sin(math.tau * at_s / _SWAY_PERIOD_S + index)
            self._paint(picture, index, pose, sway_px=_SWAY * pose.face_px * swing)

    def _paint(self, picture: Image, index: int, pose: Pose, *, sway_px: float) -> None:
        person = self._at_size(index, round(pose.face_px * 2) / 2)
        left = round(pose.x * WIDTH_PX + sway_px - person.face_x)
        top = round(pose.y * HEIGHT_PX - person.face_y)
        height_px, width_px = person.opacity.shape
        x0, x1 = max(left, 0), min(left + width_px, WIDTH_PX)
        y0, y1 = max(top, 0), min(top + height_px, HEIGHT_PX)
        if x0 >= x1 or y0 >= y1:
            return
        part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        behind = picture[y0:y1, x0:x1]
        share = person.opacity[part]
        picture[y0:y1, x0:x1] = cv2.blendLinear(person.image[part], behind, share, 1 - share)

    def _at_size(self, index: int, face_px: float) -> Sprite:
        """Return the actor's sprite at that size; who stands still is not resized again."""
        sized = self._sized.get(index)
        if sized is None or sized.face_px != face_px:
            sized = self._sized[index] = self._sprites[index].resized(face_px)
        return sized


def synthetic_images(*, fps: float, loop: bool) -> Iterator[TimedImage]:
    """Yield the scene at `fps` pictures a second: one round of it, or rounds without end."""
    scene = SyntheticScene()
    count = itertools.count() if loop else range(math.ceil(PERIOD_S * fps))
    for index in count:
        yield TimedImage(image=scene.render(index / fps), at_s=index / fps)


def _farthest_first(at_s: float) -> list[tuple[int, Pose]]:
    poses = [
        (index, pose)
        for index, actor in enumerate(ACTORS)
        if (pose := actor.pose(at_s)) is not None
    ]
    return sorted(poses, key=lambda entry: entry[1].face_px)
