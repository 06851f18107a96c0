"""OpenCV's video reader, opened with time limits and without its own chatter on stderr."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

from edge.errors import SourceMissing

_OPEN_TIMEOUT_MS = 5_000
_READ_TIMEOUT_MS = 5_000
_FFMPEG_QUIET = "-8"


@contextmanager
def open_video(target: str | int) -> Iterator[cv2.VideoCapture]:
    """Open a device number, file or URL; raise SourceMissing when it gives no video."""
    _silence()
    capture = _capture(target)
    try:
        if not capture.isOpened():
            raise SourceMissing(
                f"camera or video {_shown(target)} cannot be opened; "
                "check that it is there, whole, and held by no other program"
            )
        yield capture
    finally:
        capture.release()


def _capture(target: str | int) -> cv2.VideoCapture:
    if isinstance(target, int):
        return cv2.VideoCapture(target)
    if target.startswith("/dev/"):
        return cv2.VideoCapture(target, cv2.CAP_V4L2)
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        _OPEN_TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        _READ_TIMEOUT_MS,
    ]
    return cv2.VideoCapture(target, cv2.CAP_FFMPEG, limits)


def without_password(source: str) -> str:
    """Return a stream's URL without the user and password in it, for logs and messages."""
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _shown(target: str | int) -> str:
    return without_password(str(target))


def _silence() -> None:
    # One line of ours names the source and the remedy; the libraries would print dozens.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _FFMPEG_QUIET)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
