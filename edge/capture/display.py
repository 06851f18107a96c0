"""From a decoded frame to the picture that a player shows: square pixels, turned, mirrored, BGR."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from edge.scene import Image

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_MOST_OBLONG = 8
"""Pixels that a flag calls more oblong than that are a damaged flag."""

Matrix: TypeAlias = tuple[int, int, int, int]
"""(a, b, c, d): a pixel at (x, y) is shown at (a x + c y, b x + d y), in steps of 1/65536."""

UPRIGHT: Matrix = (1, 0, 0, 1)


def show(frame: VideoFrame, pixel_shape: Fraction | None) -> Image:
    """Return `frame` as it is to be shown; `pixel_shape` is a pixel's width over its height."""
    width_px, height_px = square_pixels(frame.width, frame.height, pixel_shape)
    image = frame.to_ndarray(format="bgr24", width=width_px, height=height_px)
    return turn(image.astype(np.uint8, copy=False), _matrix(frame))


def square_pixels(width_px: int, height_px: int, pixel_shape: Fraction | None) -> tuple[int, int]:
    """Return the size of the picture in square pixels: never fewer of them than it has."""
    if not pixel_shape or not 1 / _MOST_OBLONG <= pixel_shape <= _MOST_OBLONG:
        return width_px, height_px
    if pixel_shape > 1:
        return round(width_px * pixel_shape), height_px
    return width_px, round(height_px / pixel_shape)


def turn(image: Image, matrix: Matrix) -> Image:
    """Return `image` turned by quarters and mirrored as the display matrix of a video says."""
    a, b, c, d = matrix
    if abs(a) + abs(d) >= abs(b) + abs(c):
        across, down = a, d
    else:
        image, across, down = image.swapaxes(0, 1), c, b
    if across < 0:
        image = image[:, ::-1]
    if down < 0:
        image = image[::-1]
    return np.ascontiguousarray(image)


def _matrix(frame: VideoFrame) -> Matrix:
    side_data = frame.side_data.get("DISPLAYMATRIX")
    if side_data is None:
        return UPRIGHT
    data = memoryview(side_data)  # type: ignore[arg-type]  # a buffer, which PyAV does not declare
    a, b, _, c, d, *_ = struct.unpack("=9i", data)
    return a, b, c, d
