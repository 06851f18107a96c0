"""Sprites of two public-domain portraits that installed packages carry (by NASA and the US Navy).

scikit-image ships the portrait of the astronaut Eileen Collins, Matplotlib that of Rear Admiral
Grace Hopper. They are read as files: importing those packages would cost seconds and memory.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.synthetic.timeline import Appearance, Portrait
from edge.errors import SceneMissing
from edge.scene import Image

_BLUR_PX = 9
_Pixels = TypeVar("_Pixels", Image, NDArray[np.float32])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """Where a person is in the picture, in its pixels, and how far the clothes go on below it."""

    package: str
    file: str
    face_x: float
    face_y: float
    face_px: float
    below_px: int
    head: tuple[tuple[int, int], ...]
    body: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sprite:
    """A person without background: colours, opacity 0..1, and where the face is in them."""

    image: Image
    opacity: NDArray[np.float32]
    face_x: float
    face_y: float
    face_px: float

    def resized(self, face_px: float) -> Sprite:
        """Return the sprite with a face of that width."""
        scale = face_px / self.face_px
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        height_px, width_px = self.opacity.shape
        size = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
        return Sprite(
            image=cv2.resize(self.image, size, interpolation=method).astype(np.uint8, copy=False),
            opacity=cv2.resize(self.opacity, size, interpolation=cv2.INTER_AREA).astype(
                np.float32, copy=False
            ),
            face_x=self.face_x * scale,
            face_y=self.face_y * scale,
            face_px=face_px,
        )


_OUTLINES = {
    Portrait.ASTRONAUT: _Outline(
        package="skimage",
        file="data/astronaut.png",
        face_x=222,
        face_y=124,
        face_px=92,
        below_px=0,
        head=(
            (152, 75), (165, 45), (195, 20), (230, 12), (270, 22), (298, 55), (303, 90),
            (292, 118), (270, 138), (258, 172), (250, 192), (200, 192), (185, 165), (172, 130),
            (155, 105),
        ),
        body=(
            (115, 195), (123, 172), (145, 155), (183, 152), (190, 170), (252, 180), (278, 198),
            (298, 225), (305, 250), (340, 268), (362, 340), (330, 365), (285, 440), (275, 512),
            (60, 512), (24, 420), (34, 330), (48, 275), (100, 222),
        ),
    ),
    Portrait.ADMIRAL: _Outline(
        package="matplotlib",
        file="mpl-data/sample_data/grace_hopper.jpg",
        face_x=266,
        face_y=232,
        face_px=172,
        below_px=260,
        head=(
            (148, 95), (175, 75), (180, 45), (225, 22), (290, 22), (345, 55), (355, 80),
            (372, 95), (370, 180), (376, 200), (366, 250), (352, 300), (325, 325), (300, 400),
            (235, 400), (205, 325), (172, 265), (152, 210), (158, 185),
        ),
        body=(
            (205, 318), (330, 318), (350, 335), (490, 390), (512, 470), (512, 600), (12, 600),
            (30, 440), (60, 378), (195, 325),
        ),
    ),
}  # fmt: skip


def make_sprite(appearance: Appearance) -> Sprite:
    """Return the portrait of `appearance` without background; raise SceneMissing if absent."""
    outline = _OUTLINES[appearance.portrait]
    image = _read(outline)
    body = _filled(outline.body, image.shape[:2])
    head = _filled(outline.head, image.shape[:2])
    image = _with_clothes_hue(image, body, head, appearance.hue_deg)
    image = np.clip(image * np.float32(appearance.light), 0, 255).astype(np.uint8)
    image = _extended_down(image, outline)
    person: NDArray[np.float32] = np.maximum(body, head)
    opacity = _extended_down(person, outline)
    face_x = outline.face_x
    if appearance.mirrored:
        image, opacity = image[:, ::-1].copy(), opacity[:, ::-1].copy()
        face_x = image.shape[1] - face_x
    return Sprite(
        image=image, opacity=opacity, face_x=face_x, face_y=outline.face_y, face_px=outline.face_px
    )


def _read(outline: _Outline) -> Image:
    spec = importlib.util.find_spec(outline.package)
    path = None if spec is None or spec.origin is None else Path(spec.origin).parent / outline.file
    image = None if path is None or not path.is_file() else cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SceneMissing(
            f"the bundled scene needs the portrait {Path(outline.file).name} that the package "
            f"{outline.package} carries: pip install 'motcua[local]', or name a camera (--camera)"
        )
    return image.astype(np.uint8, copy=False)


def _filled(corners: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a soft-edged mask of the polygon."""
    mask = np.zeros(shape, np.float32)
    cv2.fillPoly(mask, [np.array(corners, np.int32)], 1.0)
    soft = cv2.GaussianBlur(mask, (_BLUR_PX, _BLUR_PX), 0)
    return soft.astype(np.float32, copy=False)


def _extended_down(pixels: _Pixels, outline: _Outline) -> _Pixels:
    """Return the picture continued downwards: far away, a bust alone would float in the air."""
    longer = cv2.copyMakeBorder(pixels, 0, outline.below_px, 0, 0, cv2.BORDER_REPLICATE)
    return longer.astype(pixels.dtype, copy=False)


def _with_clothes_hue(
    image: Image, body: NDArray[np.float32], head: NDArray[np.float32], hue_deg: int
) -> Image:
    """Return the picture with the clothes' hue turned; head and face keep theirs."""
    if hue_deg == 0:
        return image
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int32) + hue_deg // 2) % 180
    turned = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    share = (body * (1 - head))[..., None]
    return (image * (1 - share) + turned * share).astype(np.uint8)
