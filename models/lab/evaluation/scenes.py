"""Frames with one labelled face at their centre, at every size, for judging face detectors."""

from __future__ import annotations

from functools import partial

import numpy as np

from edge.scene import Box, Image
from models.lab.evaluation.conditions import CONDITIONS, ImageCondition, shrink, widths
from models.lab.evaluation.faces import Face, Landmarks, moved

WIDTHS_PX = (16, 24, 32, 48, 64, 112)
CHANGED_WIDTH_PX = 64
"""The width at which light, glasses and masks are tried."""

_FRAME_PX = (640, 480)
_GREY = 114


def detection_conditions() -> tuple[ImageCondition, ...]:
    """Return the sizes, and at one size the changes that do not concern size."""
    changes = tuple(
        ImageCondition(
            name=f"{condition.name}, width {CHANGED_WIDTH_PX}",
            meaning=f"{condition.meaning}, the face {CHANGED_WIDTH_PX} pixels across",
            apply=partial(_change_and_shrink, condition=condition),
        )
        for condition in CONDITIONS
        if condition.name != "plain" and not condition.name.startswith("width")
    )
    return (*widths(WIDTHS_PX, "the face {} pixels across"), *changes)


def scene(face: Face) -> tuple[Image, Box, Landmarks]:
    """Return a frame with the face at its centre, and where its box and landmarks lie there."""
    width_px, height_px = _FRAME_PX
    x, y = face.box.centre
    left, top = round(width_px / 2 - x), round(height_px / 2 - y)
    frame = np.full((height_px, width_px, 3), _GREY, np.uint8)
    rows, source_rows = _overlap(top, face.image.shape[0], height_px)
    columns, source_columns = _overlap(left, face.image.shape[1], width_px)
    frame[rows, columns] = face.image[source_rows, source_columns]
    return frame, moved(face.box, left, top), face.landmarks + np.array([left, top], np.float32)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union, 0..1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def landmark_error(found: Landmarks, labelled: Landmarks) -> float:
    """Return the mean distance of the five points, in labelled distances between the eyes."""
    distance = float(np.hypot(*(labelled[1] - labelled[0])))
    mean = float(np.hypot(*(found - labelled).T).mean())
    return mean / distance if distance else float("nan")


def _change_and_shrink(face: Face, *, condition: ImageCondition) -> Face | None:
    changed = condition.apply(face)
    return None if changed is None else shrink(changed, width_px=CHANGED_WIDTH_PX)


def _overlap(start: int, size: int, limit: int) -> tuple[slice, slice]:
    """Return which part of 0..limit a row of `size` pixels from `start` covers, and with what."""
    first, last = max(start, 0), min(start + size, limit)
    return slice(first, last), slice(first - start, last - start)
