"""Cameras that the machine itself holds: V4L2 through OpenCV, which sets their format, the cameras
of a Raspberry Pi's ribbon cable through picamera2, and whatever GStreamer reads (Jetson).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import cv2
import numpy as np

from edge.capture.video import Picture
from edge.errors import SourceMissing
from edge.scene import Image

CSI = "csi"
GSTREAMER = "gst:"

_MS_PER_S = 1000.0
_NS_PER_S = 1e9
_CSI_SIZE_PX = (1280, 720)


class _CsiRequest(Protocol):
    """A picture of picamera2's, until it is released."""

    def make_array(self, name: str) -> Image: ...
    def get_metadata(self) -> dict[str, int]: ...
    def release(self) -> None: ...


class _CsiCamera(Protocol):
    """As much of picamera2's camera as is used once it runs."""

    def capture_request(self) -> _CsiRequest: ...


def is_device(source: str) -> bool:
    """Return whether `source` names a device: a number, a path, "csi", "csi:1", or "gst:…"."""
    return (
        source.isdecimal()
        or source.startswith(("/dev/", GSTREAMER))
        or source.partition(":")[0] == CSI
    )


@contextmanager
def open_device(source: str) -> Iterator[Iterator[Picture]]:
    """Open a device; raise SourceMissing when it gives no video."""
    if source.partition(":")[0] == CSI:
        with _open_csi(source) as pictures:
            yield pictures
        return
    with _open_capture(source) as pictures:
        yield pictures


@contextmanager
def _open_csi(source: str) -> Iterator[Iterator[Picture]]:
    try:
        from picamera2 import Picamera2
    except ImportError as error:
        raise SourceMissing(
            f"camera {source} needs picamera2: apt install python3-picamera2, and make the virtual "
            "environment with --system-site-packages"
        ) from error
    number = source.partition(":")[2] or "0"
    try:
        camera = Picamera2(int(number))
    except (IndexError, RuntimeError, ValueError) as error:
        raise SourceMissing(
            f"camera {source} is not there; check the ribbon cable: rpicam-hello --list-cameras"
        ) from error
    try:
        # libcamera names formats by their order in a word: its RGB888 is BGR in memory.
        camera.configure(
            camera.create_video_configuration(main={"size": _CSI_SIZE_PX, "format": "RGB888"})
        )
        camera.start()
        yield _csi_pictures(camera)
    finally:
        camera.close()


def _csi_pictures(camera: _CsiCamera) -> Iterator[Picture]:
    while True:
        request = camera.capture_request()
        try:
            pixels = request.make_array("main")
            stamp_ns = request.get_metadata().get("SensorTimestamp")
        finally:
            request.release()
        at_s = None if stamp_ns is None else stamp_ns / _NS_PER_S
        yield Picture(at_s=at_s, lasts_s=0.0, image=partial(_same, pixels))


@contextmanager
def _open_capture(source: str) -> Iterator[Iterator[Picture]]:
    # One line of ours names the device and the remedy; the library would print dozens.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    capture = _capture(source)
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


def _capture(source: str) -> cv2.VideoCapture:
    if source.isdecimal():
        return cv2.VideoCapture(int(source))
    if not source.startswith(GSTREAMER):
        return cv2.VideoCapture(source, cv2.CAP_V4L2)
    if not cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        raise SourceMissing(
            "this OpenCV reads no GStreamer pipelines, as the one from PyPI does not; use the "
            "system's (apt install python3-opencv, on a Jetson the one of JetPack), and make the "
            "virtual environment with --system-site-packages"
        )
    return cv2.VideoCapture(source.removeprefix(GSTREAMER), cv2.CAP_GSTREAMER)


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
