"""Cameras and streams: a reader thread keeps only the newest picture and reconnects for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import structlog

from edge.capture.video import open_video, without_password
from edge.errors import CaptureError, SourceBroken
from edge.scene import Image
from runtime.backoff import Backoff

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
_JOIN_S = 3.0

log = structlog.get_logger()


class Camera:
    """The newest picture of a camera; pictures nobody has taken are replaced, never queued."""

    def __init__(self, source: str, *, first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._target: str | int = int(source) if source.isdecimal() else source
        self._shown = without_password(source)
        self._backoff = Backoff(first_pause_s, LONGEST_PAUSE_S, jitter=0)
        self._stop = threading.Event()
        self._fresh = threading.Condition()
        self._newest: Image | None = None
        self._reported = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the reader; one that hangs in a driver is left behind with the process."""
        self._stop.set()
        self._thread.join(_JOIN_S)

    def take(self, timeout_s: float) -> Image | None:
        """Return the newest picture not taken yet; None when none comes within `timeout_s`."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None, timeout_s)
            newest, self._newest = self._newest, None
            return newest

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with open_video(self._target) as capture:
                    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
                    self._read(capture)
                self._backoff.reset()
            except CaptureError as error:
                self._report(str(error))
            except Exception:
                log.exception("camera_reader_failed", source=self._shown)
            self._stop.wait(self._backoff.next_s())

    def _read(self, capture: cv2.VideoCapture) -> None:
        """Read until the camera stops; raise SourceBroken when it then never gave a picture."""
        count = 0
        while not self._stop.is_set():
            read, image = capture.read()
            if not read:
                break
            count += 1
            self._publish(image.astype(np.uint8, copy=False))
        if count == 0:
            raise SourceBroken(f"camera {self._shown} opens, but gives no pictures")
        if not self._stop.is_set():
            self._report(f"camera {self._shown} stopped giving pictures")

    def _publish(self, image: Image) -> None:
        if self._reported:
            self._reported = False
            log.info("camera_back", source=self._shown)
        with self._fresh:
            self._newest = image
            self._fresh.notify()

    def _report(self, problem: str) -> None:
        """Log an outage once, not at every attempt."""
        if not self._reported:
            self._reported = True
            log.warning(
                "camera_away",
                problem=problem,
                next="check plug, power and address; reconnecting until it is back",
            )


@contextmanager
def live_pictures(
    source: str, *, fps: float, no_frame_after_s: float
) -> Iterator[Iterator[Image | None]]:
    """Yield an endless iterator of the newest pictures, at most `fps` a second.

    It gives None whenever no picture has come for `no_frame_after_s`.
    """
    camera = Camera(source)
    camera.start()
    try:
        yield _paced(camera, 1 / fps, no_frame_after_s)
    finally:
        camera.stop()


def _paced(camera: Camera, interval_s: float, no_frame_after_s: float) -> Iterator[Image | None]:
    due_s = time.monotonic()
    while True:
        time.sleep(max(0.0, due_s - time.monotonic()))
        image = camera.take(no_frame_after_s)
        due_s = max(due_s + interval_s, time.monotonic())
        yield image
