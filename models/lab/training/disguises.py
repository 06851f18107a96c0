"""Masks, caps, glasses and things in front of a face."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.lab.training.photographs import Image, Points


def disguised(image: Image, box: Points, points: Points, random: np.random.Generator) -> Image:
    """Return the face with a mask, a cap, glasses, or something in front of it."""
    image = image.copy()
    shade = int(random.integers(256))
    x, y, w, h = (float(value) for value in box)
    kind = random.random()
    if kind < 0.35:
        _mask_over(image, box, points, shade)
    elif kind < 0.6:
        brow = float(points[:2, 1].mean()) - 0.12 * h
        _fill(image, [[x - 0.1 * w, y - 0.2 * h], [x + 1.1 * w, y - 0.2 * h]], brow, shade)
    elif kind < 0.85:
        for eye in points[:2]:
            radius = max(round(0.17 * w), 1)
            thick = -1 if random.random() < 0.5 else max(round(0.03 * w), 1)
            cv2.circle(
                image, (round(float(eye[0])), round(float(eye[1]))), radius, shade // 4, thick
            )
    else:
        corner = random.uniform(0, 0.7, 2) * (w, h) + (x, y)
        size = random.uniform(0.15, 0.4, 2) * (w, h)
        _fill(
            image,
            [corner.tolist(), [corner[0] + size[0], corner[1]]],
            float(corner[1] + size[1]),
            shade,
        )
    return image


def _mask_over(image: Image, box: Points, points: Points, shade: int) -> None:
    x, y, w, h = (float(value) for value in box)
    top = (points[:2].mean(axis=0) + points[2]) / 2
    corners = [
        [x, float(top[1]) + 0.05 * h],
        [float(top[0]), float(top[1])],
        [x + w, float(top[1]) + 0.05 * h],
        [x + 0.85 * w, y + 0.95 * h],
        [x + 0.5 * w, y + 1.02 * h],
        [x + 0.15 * w, y + 0.95 * h],
    ]
    cv2.fillPoly(image, [np.round(np.array(corners)).astype(np.int32)], shade, cv2.LINE_AA)


def _fill(image: Image, top: Sequence[Sequence[float]], bottom: float, shade: int) -> None:
    left, right = (round(float(point[0])) for point in top)
    cv2.rectangle(image, (left, round(float(top[0][1]))), (right, round(bottom)), shade, -1)
