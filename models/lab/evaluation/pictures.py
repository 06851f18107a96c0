"""Pictures from files and byte strings: what cannot be read is said, not guessed."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Image


class Unreadable(Exception):
    """The picture is missing, empty or damaged; the text says which of these."""


def read_picture(path: Path) -> Image:
    """Return the picture in BGR; raise Unreadable without the path, which the caller names."""
    return decode_picture(np.frombuffer(read_file(path), np.uint8))


def read_file(path: Path) -> bytes:
    """Return an encoded picture; raise Unreadable without the path, which the caller names.

    Pipes and devices are not read: some of them never end.
    """
    try:
        if not S_ISREG(path.stat().st_mode):
            raise Unreadable("is no regular file")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # the name has a NUL byte, or is none that the system can write
        raise Unreadable(f"cannot be read: {error}") from error


def decode_picture(content: NDArray[np.uint8]) -> Image:
    """Return the picture in BGR, turned upright as its camera said; raise Unreadable."""
    if not content.size:
        raise Unreadable("is empty")
    try:
        image = cv2.imdecode(content, cv2.IMREAD_COLOR)
    except cv2.error as error:  # for instance more pixels than OpenCV takes
        raise Unreadable(f"cannot be decoded ({error.err})") from error
    if image is None:
        raise Unreadable("is no picture, or a damaged one")
    return np.asarray(image, np.uint8)
