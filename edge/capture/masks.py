"""Privacy masks: their pixels are black before anything else sees the frame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.analytics.zones import Zone, ZoneKind
from edge.scene import Image


class MaskPainter:
    """Blackens the mask zones of pictures; the stencil is made once for each size."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._masks = [zone for zone in zones if zone.kind is ZoneKind.MASK]
        self._stencil = np.zeros((0, 0, 3), np.uint8)

    def paint(self, image: Image) -> Image:
        """Blacken every pixel of `image` whose centre is masked, in place, and return it."""
        if self._masks:
            if self._stencil.shape != image.shape:
                self._stencil = _stencil(self._masks, *image.shape[:2])
            cv2.bitwise_and(image, self._stencil, dst=image)
        return image


def _stencil(masks: Sequence[Zone], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Return a picture of that size, 0 where a mask lies and 255 elsewhere."""
    xs = (np.arange(width_px) + 0.5) / width_px
    ys = (np.arange(height_px)[:, None] + 0.5) / height_px
    masked = np.zeros((height_px, width_px), bool)
    for zone in masks:
        masked |= _inside(zone, xs, ys)
    return np.repeat(np.where(masked, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _inside(zone: Zone, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return `zone.contains` of every (x, y), by the same arithmetic and so to the last bit."""
    inside = np.zeros((len(ys), len(xs)), bool)
    x1, y1 = zone.polygon[-1]
    for x2, y2 in zone.polygon:
        if y1 != y2:
            crossed = ((y1 > ys) != (y2 > ys)) & (xs < (x2 - x1) * (ys - y1) / (y2 - y1) + x1)
            inside ^= crossed
        x1, y1 = x2, y2
    return inside
