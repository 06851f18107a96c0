"""Squares cut out around faces, upright or turned, as expression models want them."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from contract.manifest import ColourOrder, ModelManifest
from edge.scene import Box, Detection, Image

_Span: TypeAlias = NDArray[np.intp]
_Points: TypeAlias = NDArray[np.float32] | NDArray[np.float64]

# Above it a face is cut out with some aliasing; at least 8 times 112 pixels are wide enough.
_MOST_AVERAGED = 8


def face_crop(image: Image, face: Detection, manifest: ModelManifest) -> Image:
    """Return what an expression model sees of `face`, at the size of its input.

    A model with an `alignment` gets the face turned onto it, where the face has landmarks. One that
    sees no colours gets height x width values: averaging three colours takes twice as long.
    """
    size_px = manifest.input.width_px
    if manifest.alignment and face.landmarks is not None:
        template = np.array(manifest.alignment)
        return aligned_crop(image, face.landmarks, template=template, size_px=size_px)
    is_grey = manifest.input.colour is ColourOrder.GREY
    margin = manifest.crop_margin
    return square_crop(image, face.box, margin=margin, size_px=size_px, is_grey=is_grey)


def aligned_crop(image: Image, landmarks: _Points, *, template: _Points, size_px: int) -> Image:
    """Return a square in which the 5 x 2 `landmarks` lie at the `template`'s points.

    The square is turned and scaled, never sheared or mirrored. What lies beyond the picture repeats
    the picture's edge.
    """
    matrix = similarity(template, landmarks)
    # warpAffine picks single pixels: a larger square is cut and averaged where it would skip some.
    factor = min(max(round(float(np.hypot(*matrix[:, 0]))), 1), _MOST_AVERAGED)
    # The centre of pixel i of the small square lies at (i + 0.5) * factor - 0.5 of the large one.
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5 / factor - 0.5)
    matrix[:, :2] /= factor
    square = cv2.warpAffine(
        image,
        matrix,
        (size_px * factor, size_px * factor),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor > 1:
        square = cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return square  # type: ignore[return-value]


def similarity(points: _Points, onto: _Points) -> NDArray[np.float64]:
    """Return the 2 x 3 matrix that turns, scales and moves `points` nearest to `onto`.

    Least squares of the distances at `onto`, after Umeyama (1991) without mirroring; written with
    complex numbers, where a turn and a scale are one factor.
    """
    here, there = (np.asarray(p, np.float64) @ [1, 1j] for p in (points, onto))
    centre = here.mean()
    factor = np.vdot(here - centre, there) / np.vdot(here - centre, here - centre).real
    shift = there.mean() - factor * centre
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def square_crop(
    image: Image, box: Box, *, margin: float, size_px: int, is_grey: bool = False
) -> Image:
    """Return the square around `box`, `size_px` x `size_px`, of a BGR picture's grey if `is_grey`.

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
    if is_grey:
        square = np.asarray(cv2.cvtColor(square, cv2.COLOR_BGR2GRAY), np.uint8)
    # Averaging when it shrinks, else fine texture turns into noise.
    how = cv2.INTER_AREA if side_px > size_px else cv2.INTER_LINEAR
    return cv2.resize(square, (size_px, size_px), interpolation=how)  # type: ignore[return-value]


def _span(start: int, count: int, limit: int) -> _Span:
    return np.clip(np.arange(start, start + count), 0, limit - 1)
