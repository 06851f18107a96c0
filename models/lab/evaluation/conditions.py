"""What may happen to a face before a model sees it: small, dark, bright, glasses, a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from models.lab.evaluation.accessories import wear_glasses, wear_mask, wear_sunglasses
from models.lab.evaluation.faces import Face, scaled

WIDTHS_PX = (24, 32, 48, 64, 112)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCondition:
    """A name, what it stands for, and what it does: None for a face that it does not suit.

    `width_px` is what it makes every face's width, 0 where it leaves the width as it was.
    """

    name: str
    meaning: str
    apply: Callable[[Face], Face | None]
    width_px: int = 0


def shrink(face: Face, *, width_px: int) -> Face | None:
    """Return the face, averaged down to that width; None for one that is smaller already."""
    scale = width_px / face.width_px
    if scale > 1:
        return None
    height, width = face.image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    across, down = size[0] / width, size[1] / height
    return replace(
        face,
        image=np.asarray(cv2.resize(face.image, size, interpolation=cv2.INTER_AREA), np.uint8),
        box=scaled(face.box, across, down),
        landmarks=face.landmarks * np.array([across, down], np.float32),
    )


def widths(widths_px: Sequence[int], meaning: str) -> tuple[ImageCondition, ...]:
    """Return a condition for each width, which stands in its `meaning` where that has braces."""
    return tuple(
        ImageCondition(
            name=f"width {width_px}",
            meaning=meaning.format(width_px),
            apply=partial(shrink, width_px=width_px),
            width_px=width_px,
        )
        for width_px in widths_px
    )


def lit(face: Face, *, gain: float) -> Face:
    """Return the face with every grey level times `gain`; what exceeds 255 is lost."""
    levels = np.clip(np.rint(np.arange(256) * gain), 0, 255).astype(np.uint8)
    return replace(face, image=levels[face.image])


PLAIN = ImageCondition(name="plain", meaning="as photographed", apply=lambda face: face)

CONDITIONS: tuple[ImageCondition, ...] = (
    PLAIN,
    *widths(WIDTHS_PX, "the face averaged down to {} pixels across"),
    ImageCondition(name="dark", meaning="0.35 of the light", apply=partial(lit, gain=0.35)),
    ImageCondition(
        name="bright", meaning="1.8 times the light, clipped at white", apply=partial(lit, gain=1.8)
    ),
    ImageCondition(name="glasses", meaning="dark-rimmed glasses drawn on", apply=wear_glasses),
    ImageCondition(name="sunglasses", meaning="dark glasses drawn on", apply=wear_sunglasses),
    ImageCondition(name="mask", meaning="a surgical mask drawn on", apply=wear_mask),
)
