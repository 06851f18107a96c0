"""Cameras and streams: a reader thread keeps only the newest picture and reconnects for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from edge.capture.clock import CaptureTimes, FrameClock
from edge.capture.devices import is_device, open_device
from edge.capture.video import Picture, StreamOptions, open_video
from edge.errors import CaptureError, SourceBroken
from edge.scene import Image
from runtime.backoff import Backoff
from runtime.stream_urls import without_secrets

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
_JOIN_S = 3.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A live picture and when it was captured; `image` makes its pixels."""

    image: Callable[[], Image]
    captured_at: datetime


class Camera:
    """The newest picture of a camera; pictures nobody has taken are replaced, never queued."""

    def __init__(
        self,
        source: str,
        *,
        clock: FrameClock | None = None,
        first_pause_s: float = FIRST_PAUSE_S,
        options: StreamOptions | None = None,
    ) -> None:
        self._source = source
        self._open = (
            open_device
            if is_device(source)
            else partial(open_video, options=options or StreamOptions())
        )
        self._clock = clock or FrameClock()
        self._shown = without_secrets(source)
        self._backoff = Backoff(first_pause_s, LONGEST_PAUSE_S, jitter=0)
        self._stop = threading.Event()
        self._fresh = threading.Condition()
        self._newest: Shot | None = None
        self._reported = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the reader; one that hangs in a driver is left behind with the process."""
        self._stop.set()
        self._thread.join(_JOIN_S)

    def take(self, timeout_s: float) -> Shot | None:
        """Return the newest picture not taken yet; None when none comes within `timeout_s`."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None, timeout_s)
            newest, self._newest = self._newest, None
            return newest

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._open(self._source) as pictures:
                    self._read(pictures)
                self._backoff.reset()
            except CaptureError as error:
                self._report(str(error))
            except Exception:  # the log takes passwords out of whatever the libraries say
                log.exception("camera_reader_failed", source=self._shown)
            self._stop.wait(self._backoff.next_s())

    def _read(self, pictures: Iterator[Picture]) -> None:
        """Read until the camera stops; raise SourceBroken when it then never gave a picture."""
        times, count = CaptureTimes(self._clock), 0
        for picture in pictures:
            if self._stop.is_set():
                return
            count += 1
            self._publish(Shot(image=picture.image, captured_at=times.at(picture.at_s)))
        if count == 0:
            raise SourceBroken(f"camera {self._shown} opens, but gives no pictures")
        self._report(f"camera {self._shown} stopped giving pictures")

    def _publish(self, shot: Shot) -> None:
        if self._reported:
            self._reported = False
            log.info("camera_back", source=self._shown)
        with self._fresh:
            self._newest = shot
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
    source: str,
    *,
    fps: float,
    no_frame_after_s: float,
    clock: FrameClock | None = None,
    options: StreamOptions | None = None,
) -> Iterator[Iterator[Shot | None]]:
    """Yield an endless iterator of the newest pictures, at most `fps` a second.

    It gives None whenever no picture has come for `no_frame_after_s`.
    """
    camera = Camera(source, clock=clock, options=options)
    camera.start()
    try:
        yield _paced(camera, 1 / fps, no_frame_after_s)
    finally:
        camera.stop()


def _paced(camera: Camera, interval_s: float, no_frame_after_s: float) -> Iterator[Shot | None]:
    due_s = time.monotonic()
    while True:
        time.sleep(max(0.0, due_s - time.monotonic()))
        shot = camera.take(no_frame_after_s)
        due_s = max(due_s + interval_s, time.monotonic())
        yield shot
