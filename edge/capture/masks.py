"""Privacy masks: their pixels are black before anything else sees the frame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge.analytics.zones import Zone, ZoneKind
from edge.scene import Image


class MaskPainter:
    """Blackens the mask zones of pictures of any size."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._polygons = [np.array(z.polygon) for z in zones if z.kind is ZoneKind.MASK]

    def paint(self, image: Image) -> Image:
        """Blacken the masked pixels of `image` in place, edges included, and return it."""
        height_px, width_px = image.shape[:2]
        for polygon in self._polygons:
            corners = np.rint(polygon * (width_px, height_px)).astype(np.int32)
            cv2.fillPoly(image, [corners], (0, 0, 0))
        return image
