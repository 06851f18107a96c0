"""Squares cut out around faces, as expression models want them."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Box, Image

_Span: TypeAlias = NDArray[np.intp]


def square_crop(image: Image, box: Box, *, margin: float, size_px: int) -> Image:
    """Return the square around `box`, `size_px` x `size_px`.

    Its side is the longer one of the box, made longer by `margin` of it at both ends. What lies
    beyond the picture repeats the picture's edge.
    """
    height_px, width_px = image.shape[:2]
    side_px = round(max(box.width, box.height) * (1 + 2 * margin))
    # A face larger than that is a detector's slip, and would be a matter of gigabytes.
    side_px = min(max(side_px, 1), 2 * max(width_px, height_px))
    x, y = box.centre
    left, top = round(x - side_px / 2), round(y - side_px / 2)
    if min(left, top) >= 0 and left + side_px <= width_px and top + side_px <= height_px:
        square = image[top : top + side_px, left : left + side_px]
    else:
        columns = _span(left, side_px, width_px)
        square = image[_span(top, side_px, height_px)[:, None], columns]
    # Averaging when it shrinks, else fine texture turns into noise.
    how = cv2.INTER_AREA if side_px > size_px else cv2.INTER_LINEAR
    return cv2.resize(square, (size_px, size_px), interpolation=how)  # type: ignore[return-value]


def _span(start: int, count: int, limit: int) -> _Span:
    return np.clip(np.arange(start, start + count), 0, limit - 1)
