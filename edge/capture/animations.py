"""Picture files: one picture, or the frames of an animated WebP or PNG with their own times."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from edge.capture.video import Picture
from edge.errors import SourceBroken
from edge.scene import Image

_MS_PER_S = 1000.0


def read_pictures(path: Path, *, lasts_s: float) -> Iterator[Picture]:
    """Yield the pictures of a file; one that is not animated is shown for `lasts_s`.

    Raises SourceBroken for a file that cannot be decoded.
    """
    if _is_animated(path):
        yield from _frames(path, lasts_s)
    else:
        image = _picture(path)
        yield Picture(at_s=0.0, lasts_s=lasts_s, image=lambda: image)


def _is_animated(path: Path) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"), Pillow.open(path) as file:
            return bool(getattr(file, "is_animated", False))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
        return False  # whoever decodes it says what is wrong


def _frames(path: Path, lasts_s: float) -> Iterator[Picture]:
    at_s = 0.0
    with Pillow.open(path) as file:
        for number in range(int(getattr(file, "n_frames", 1))):
            try:
                file.seek(number)
                pixels = file.convert("RGB")
            except (OSError, EOFError, ValueError, SyntaxError) as error:
                if number == 0:
                    raise _broken(path) from error
                return  # cut off: what came before counts
            # Browsers show frames without a duration for 100 ms, and so do we at 10 a second.
            shown_s = float(file.info.get("duration") or 0.0) / _MS_PER_S or lasts_s
            yield Picture(at_s=at_s, lasts_s=shown_s, image=partial(_bgr, pixels))
            at_s += shown_s


def _bgr(pixels: Pillow.Image) -> Image:
    return np.ascontiguousarray(np.asarray(pixels, np.uint8)[..., ::-1])


def _picture(path: Path) -> Image:
    try:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than OpenCV takes
        image = None
    if image is None:
        raise _broken(path)
    return image.astype(np.uint8, copy=False)


def _broken(path: Path) -> SourceBroken:
    return SourceBroken(
        f"picture {path} cannot be decoded; it may be cut off, damaged or too large"
    )
