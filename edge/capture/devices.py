"""Cameras that the machine itself holds, through V4L2 and OpenCV, which sets their format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import cv2
import numpy as np

from edge.capture.video import Picture
from edge.errors import SourceMissing
from edge.scene import Image

_MS_PER_S = 1000.0


def is_device(source: str) -> bool:
    """Return whether `source` is the number or the path of a device."""
    return source.isdecimal() or source.startswith("/dev/")


@contextmanager
def open_device(source: str) -> Iterator[Iterator[Picture]]:
    """Open a device number or path; raise SourceMissing when it gives no video."""
    # One line of ours names the device and the remedy; the library would print dozens.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    capture = (
        cv2.VideoCapture(int(source))
        if source.isdecimal()
        else cv2.VideoCapture(source, cv2.CAP_V4L2)
    )
    try:
        if not capture.isOpened():
            raise SourceMissing(
                f"camera {source} cannot be opened; "
                "check that it is there and held by no other program"
            )
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        yield _pictures(capture)
    finally:
        capture.release()


def _pictures(capture: cv2.VideoCapture) -> Iterator[Picture]:
    while True:
        read, image = capture.read()
        if not read:
            return
        pixels: Image = image.astype(np.uint8, copy=False)
        # The kernel stamps each buffer when it is filled; 0 where a driver does not.
        stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / _MS_PER_S
        yield Picture(at_s=stamp_s or None, lasts_s=0.0, image=partial(_same, pixels))


def _same(image: Image) -> Image:
    return image
