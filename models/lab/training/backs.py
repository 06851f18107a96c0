"""Heads that show no face: people seen from behind, photographed or drawn.

Without them a detector takes any dark oval on shoulders for a face in bad light, and the hair's
line on a neck for a chin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.lab.training.photographs import Image, Points

_WIDTH_PX, _HEIGHT_PX = 240, 260
_HALF_PX = 42.0  # half a drawn head's width
_MIDDLE = (120.0, 88.0)
_SAME_FACE = 0.5  # of a smaller box, shared with a larger one

Shares = NDArray[np.float32]
"""How much of something covers each pixel, 0..1, height x width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Back:
    """A drawn head on shoulders, what of the picture it covers, and where a face would be."""

    image: Image
    covers: Shares
    box: Points


def without_others(image: Image, boxes: Points, random: np.random.Generator) -> Image:
    """Return the photograph with its first face only, of those in `boxes` (x, y, w, h).

    What lies mostly on the first one is that face again, or a part of it.
    """
    for box in boxes[1:]:
        shared = np.minimum(*(b[:2] + b[2:] for b in (boxes[0], box)))
        shared = np.maximum(shared - np.maximum(boxes[0, :2], box[:2]), 0)
        if shared.prod() <= _SAME_FACE * box[2:].prod():
            image = without_face(image, box, random)
    return image


def without_face(image: Image, box: Points, random: np.random.Generator) -> Image:
    """Return the photographed head with hair or bare skin where its face was."""
    height, width = image.shape
    x, y, w, h = (float(value) for value in box)
    strands = random.integers(0, 256, (3, max(int(w) // 2, 2))).astype(np.float32)
    hair = cv2.resize(strands, (width, height), interpolation=cv2.INTER_CUBIC)
    shade = random.uniform(5, 110) if random.random() < 0.75 else random.uniform(110, 210)
    hair = shade + (hair - 128) * float(random.uniform(0.02, 0.3))
    if random.random() < 0.4:  # light from above fades towards the neck
        hair = hair * np.linspace(1.5, 0.6, height, dtype=np.float32)[:, None]
    oval = np.zeros((height, width), np.float32)
    size = (float(w * random.uniform(0.95, 1.15)), float(h * random.uniform(0.9, 1.1)))
    tilt = float(random.uniform(-10, 10))
    cv2.ellipse(oval, ((x + w / 2, y + h * 0.47), size, tilt), 1.0, -1)
    soft = cv2.GaussianBlur(oval, (0, 0), max(0.05 * w, 0.6))
    return np.clip(image * (1 - soft) + hair * soft, 0, 255).astype(np.uint8)


def drawn_back(random: np.random.Generator) -> Back:
    """Draw shoulders, neck, ears and hair, long or short, in the light of one room."""
    skin = float(random.uniform(60, 215))
    hair = float(random.uniform(2, 60) if random.random() < 0.7 else random.uniform(60, 220))
    if random.random() < 0.08:
        hair = skin * float(random.uniform(0.9, 1.1))  # bald
    layers = [
        (_shoulders(random), float(random.uniform(5, 240)), 0.15),
        (_neck(random), skin * float(random.uniform(0.75, 1.0)), 0.08),
        (_collar(random), float(random.uniform(5, 240)), 0.1),
        (_ears(random), skin, 0.1),
        (_hair(random), hair, float(random.uniform(0.02, 0.35))),
    ]
    picture, covers = _nothing(), _nothing()
    for shape, shade, rough in layers:
        layer = shade * _light(random) * (1 + rough * _strands(random))
        picture = (picture * (1 - shape) + layer * shape).astype(np.float32)
        covers = np.maximum(covers, shape)
    side = _HALF_PX * 2 * float(random.uniform(0.8, 1.0))
    box = (_MIDDLE[0] - side / 2, _MIDDLE[1] - side * 0.55, side, side * 1.25)
    return Back(
        image=np.clip(picture / np.maximum(covers, 1e-3), 0, 255).astype(np.uint8),
        covers=covers,
        box=np.array(box, np.float32),
    )


def _shoulders(random: np.random.Generator) -> Shares:
    width, slope = random.uniform(1.9, 2.9), random.uniform(0.2, 0.8)
    top = random.uniform(1.45, 1.8)
    corners = [(-0.5, top), (0.5, top), (width, top + slope), (width, 6), (-width, 6)]
    return _polygon([*corners, (-width, top + slope)])


def _neck(random: np.random.Generator) -> Shares:
    half, flare = random.uniform(0.45, 0.68), random.uniform(0.0, 0.25)
    return _polygon([(-half, 0.3), (half, 0.3), (half + flare, 1.85), (-half - flare, 1.85)])


def _collar(random: np.random.Generator) -> Shares:
    top = random.uniform(1.3, 1.75)
    if random.random() < 0.3:
        return _nothing()
    half, sag = random.uniform(0.6, 0.9), random.uniform(-0.15, 0.2)
    corners = [(-half, top), (0, top + sag), (half, top), (half * 1.2, 2.0), (-half * 1.2, 2.0)]
    return _polygon(corners)


def _ears(random: np.random.Generator) -> Shares:
    if random.random() < 0.25:
        return _nothing()
    height, out = random.uniform(0.2, 0.5), random.uniform(0.88, 1.05)
    size = random.uniform((0.1, 0.22), (0.2, 0.34))
    turned = random.uniform(-0.25, 0.25)  # a head that is not quite turned away shows one ear more
    ears = [_oval((side * out + turned, height), (size[0], size[1])) for side in (-1, 1)]
    return np.maximum(*ears)


def _hair(random: np.random.Generator) -> Shares:
    """Return the skull's round and what hangs from it: to a point, straight, or onto the back."""
    skull = _oval((0, 0), (random.uniform(0.92, 1.06), random.uniform(1.05, 1.3)))
    kind = random.random()
    if kind < 0.7:  # short: sides, and a line in the neck that is pointed, straight or round
        side, end = random.uniform(0.4, 0.9), random.uniform(0.9, 1.5)
        waist = random.uniform(0.6, 0.95)
        tip = random.choice([0.05, 0.05, 0.3, 0.55])
        below = _polygon([(-waist, 0), (waist, 0), (waist * 0.9, side), (tip, end), (-tip, end),
                          (-waist * 0.9, side)])  # fmt: skip
    elif kind < 0.9:
        end, wide = random.uniform(1.2, 3.0), random.uniform(0.85, 1.25)
        below = _polygon([(-1, 0), (1, 0), (wide, end), (-wide, end)])
    else:  # tied up
        below = _oval((0, random.uniform(0.4, 1.2)), (random.uniform(0.25, 0.5),) * 2)
    return np.maximum(skull, below)


def _nothing() -> Shares:
    return np.zeros((_HEIGHT_PX, _WIDTH_PX), np.float32)


def _polygon(corners: list[tuple[float, float]]) -> Shares:
    """Fill a shape whose corners are in half widths of the head from its middle, edges soft."""
    shape = _nothing()
    points = np.round(np.array(corners) * _HALF_PX + _MIDDLE).astype(np.int32)
    cv2.fillPoly(shape, [points], 1.0, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(shape, (0, 0), 2.0), np.float32)


def _oval(middle: tuple[float, float], half: tuple[float, float]) -> Shares:
    shape = _nothing()
    x, y = (float(at * _HALF_PX + origin) for at, origin in zip(middle, _MIDDLE, strict=True))
    cv2.ellipse(shape, ((x, y), (2 * half[0] * _HALF_PX, 2 * half[1] * _HALF_PX), 0), 1.0, -1)
    return np.asarray(cv2.GaussianBlur(shape, (0, 0), 1.2), np.float32)


def _light(random: np.random.Generator) -> Shares:
    """Return a slope of brightness over the picture, with a gleam somewhere on the head."""
    y, x = np.mgrid[:_HEIGHT_PX, :_WIDTH_PX].astype(np.float32)
    across, down = random.uniform(-0.3, 0.3, 2)
    slope = 1 + across * (x / _WIDTH_PX - 0.5) * 2 + down * (y / _HEIGHT_PX - 0.5) * 2
    at = np.array(_MIDDLE) + random.uniform(-0.9, 0.9, 2) * _HALF_PX
    width = random.uniform(0.2, 0.7) * _HALF_PX
    gleam = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * width**2))
    return np.asarray(slope + random.uniform(0, 0.8) * gleam, np.float32)


def _strands(random: np.random.Generator) -> Shares:
    """Return noise of -1..1 that is finer across than down."""
    grain = random.integers(0, 256, (int(random.integers(3, 30)), int(random.integers(8, 70))))
    size = (_WIDTH_PX, _HEIGHT_PX)
    fine = cv2.resize(grain.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine / 128 - 1, np.float32)
