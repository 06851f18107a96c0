"""Renders a scene into frames: the room, the people, the light, the view and the camera's noise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import cv2
import numpy as np

from edge.capture.masks import MaskPainter
from edge.capture.sources import EPOCH
from edge.capture.synthetic.background import (
    HEIGHT_PX,
    WIDTH_PX,
    paint_background,
    paint_counter,
    paint_partition,
)
from edge.capture.synthetic.sprites import Sprite
from edge.capture.synthetic.timeline import Appearance
from edge.scene import Frame, Image
from tests.scenarios.figures import back, portrait, room_from_behind
from tests.scenarios.scripts import SWAY, Person, Pose, Scene

_SWAY_PERIOD_S = 3.1
_NOISE = 3.0
_BURST_FRAMES = 4


def frames(
    scene: Scene, *, shared: Path | None, painter: MaskPainter, start: datetime = EPOCH
) -> Iterator[Frame]:
    """Yield the frames that the scene's camera gives; lost ones are missing, repeated ones stale.

    `shared` is needed where the scene shows people from behind.
    """
    random = Random(scene.seed)
    painting = Painting(scene, shared)
    last: Image | None = None
    burst = 0
    for index in range(int(scene.duration_s * scene.stream.fps)):
        at_s = index / scene.stream.fps
        burst -= 1
        if burst <= 0 and random.random() < scene.stream.dropped / _BURST_FRAMES:
            burst = _BURST_FRAMES
        if burst > 0:
            continue
        if last is None or random.random() >= scene.stream.repeated:
            last = painting.render(at_s)
        yield Frame(
            image=painter.paint(last.copy()),
            captured_at=start + timedelta(seconds=at_s),
            index=index,
        )


class Painting:
    """Paints one scene at any time of it."""

    def __init__(self, scene: Scene, shared: Path | None) -> None:
        self._scene = scene
        self._room = _room(scene, shared)
        self._sprites = [_sprite(person, shared) for person in scene.people]
        self._sized: dict[int, Sprite] = {}
        rng = np.random.default_rng(scene.seed)
        self._noise = rng.normal(0, _NOISE, (2 * HEIGHT_PX, 2 * WIDTH_PX, 1)).astype(np.int16)
        self._random = Random(scene.seed)

    def render(self, at_s: float) -> Image:
        """Return the picture at `at_s`."""
        picture = self._room.copy()
        poses = [(i, p) for i, one in enumerate(self._scene.people) if (p := one.pose(at_s))]
        poses.sort(key=lambda entry: -entry[1].depth)
        if self._scene.backs:
            self._paint_all(picture, poses, at_s)
        else:
            behind = [entry for entry in poses if entry[1].depth > 0.5]
            self._paint_all(picture, behind, at_s)
            paint_partition(picture)
            self._paint_all(picture, poses[len(behind) :], at_s)
            paint_counter(picture)
        return self._seen_by_camera(picture, at_s)

    def _paint_all(self, picture: Image, poses: list[tuple[int, Pose]], at_s: float) -> None:
        for index, pose in poses:
            person = self._scene.people[index]
            sway = np.sin(2 * np.pi * at_s / _SWAY_PERIOD_S + person.phase)
            x = pose.x * WIDTH_PX + SWAY * pose.head_px * float(sway)
            sprite = self._at_size(index, round(pose.head_px * 2) / 2)
            _blend(picture, sprite, x, pose.y * HEIGHT_PX)
            if person.is_covered(at_s):
                _paint_paper(picture, x, pose.y * HEIGHT_PX, pose.head_px)

    def _at_size(self, index: int, head_px: float) -> Sprite:
        sized = self._sized.get(index)
        if sized is None or sized.face_px != head_px:
            sized = self._sized[index] = self._sprites[index].resized(head_px)
        return sized

    def _seen_by_camera(self, picture: Image, at_s: float) -> Image:
        x, y = self._scene.view(at_s)
        if x or y:
            shift = np.array([[1, 0, -x * WIDTH_PX], [0, 1, -y * HEIGHT_PX]], np.float32)
            size = (WIDTH_PX, HEIGHT_PX)
            picture = cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REFLECT)
        left, top = self._random.randrange(WIDTH_PX), self._random.randrange(HEIGHT_PX)
        noise = self._noise[top : top + HEIGHT_PX, left : left + WIDTH_PX]
        light = self._scene.light(at_s)
        lit = picture if light == 1 else cv2.convertScaleAbs(picture, alpha=light)
        return np.clip(lit.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def _room(scene: Scene, shared: Path | None) -> Image:
    if not scene.backs:
        return paint_background()
    if shared is None:
        raise FileNotFoundError(f"the scene {scene.name} needs the recordings of ../shared")
    return cv2.resize(room_from_behind(shared), (WIDTH_PX, HEIGHT_PX)).astype(np.uint8, copy=False)


def _sprite(person: Person, shared: Path | None) -> Sprite:
    if isinstance(person.figure, Appearance):
        return portrait(person.figure)
    if shared is None:
        raise FileNotFoundError("people seen from behind are in ../shared only")
    return back(shared, person.figure)


def _blend(picture: Image, sprite: Sprite, x: float, y: float) -> None:
    left, top = round(x - sprite.face_x), round(y - sprite.face_y)
    height_px, width_px = sprite.opacity.shape
    x0, x1 = max(left, 0), min(left + width_px, WIDTH_PX)
    y0, y1 = max(top, 0), min(top + height_px, HEIGHT_PX)
    if x0 >= x1 or y0 >= y1:
        return
    part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    behind = picture[y0:y1, x0:x1]
    share = np.ascontiguousarray(sprite.opacity[part])
    image = np.ascontiguousarray(sprite.image[part])
    picture[y0:y1, x0:x1] = cv2.blendLinear(image, behind.copy(), share, 1 - share)


def _paint_paper(picture: Image, x: float, y: float, head_px: float) -> None:
    half_w, half_h = 0.75 * head_px, 0.8 * head_px
    corner, opposite = (
        (round(x - half_w), round(y - half_h)),
        (round(x + half_w), round(y + half_h)),
    )
    cv2.rectangle(picture, corner, opposite, (236, 240, 240), -1)
    for line in range(5):
        height = round(y - 0.5 * head_px + line * 0.25 * head_px)
        ends = (round(x - 0.5 * head_px), height), (round(x + 0.5 * head_px), height)
        cv2.line(picture, *ends, (150, 150, 150), 1)
