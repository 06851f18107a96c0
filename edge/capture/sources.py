"""Opens whatever the settings name as one iterator of frames, masked before anything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import structlog

from contract.messages import CameraState
from edge.analytics.zones import Zone
from edge.capture.clock import FrameClock
from edge.capture.devices import is_device
from edge.capture.live import Shot, live_pictures
from edge.capture.masks import MaskPainter
from edge.capture.prefetch import prefetch
from edge.capture.recordings import (
    Played,
    Skipped,
    TimedImage,
    find_recordings,
    is_recording,
    read_images,
)
from edge.capture.synthetic.scene import synthetic_images
from edge.capture.video import StreamOptions
from edge.scene import Frame

BUNDLED = "bundled"
NONE = "none"

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When a replay begins, so that the same recording always gives the same messages."""

NO_FRAME_AFTER_S = 1.0
_LATE_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFrame:
    """Nothing came from the camera for a while."""

    at: datetime
    state: CameraState


CaptureResult: TypeAlias = Frame | NoFrame | Skipped


@contextmanager
def open_source(
    source: str,
    *,
    fps: float,
    loop: bool,
    masks: Sequence[Zone],
    options: StreamOptions | None = None,
) -> Iterator[Iterator[CaptureResult]]:
    """Open `source` as it happens, at most `fps` frames a second; times are those of the clock.

    `source` is "bundled", "none", a device as `is_device` knows it, an rtsp:// or http:// URL, a
    file or a folder.
    Recordings play at their own speed; frames that come too late are left out, and a recording of
    several that cannot be read is skipped. Raises a CaptureError when none can be had; a camera is
    waited for instead.
    """
    painter, clock = MaskPainter(masks), FrameClock()
    if source == NONE:
        yield _no_frames(clock)
    elif source == BUNDLED or (not is_device(source) and is_recording(source)):
        with prefetch(_play([source], fps=fps, loop=loop)) as prefetched:
            yield _in_real_time(prefetched, painter, clock)
    else:
        with live_pictures(
            source, fps=fps, no_frame_after_s=NO_FRAME_AFTER_S, clock=clock, options=options
        ) as pictures:
            yield _live(pictures, painter, clock)


def log_skipped(skipped: Skipped) -> None:
    """Log which recording is left out, and why."""
    log.warning("recording_skipped", problem=skipped.problem, next="the others count")


@contextmanager
def open_replay(
    sources: Sequence[str],
    *,
    fps: float,
    masks: Sequence[Zone],
    start: datetime = EPOCH,
    on_skip: Callable[[Skipped], None] = log_skipped,
) -> Iterator[Iterator[Frame]]:
    """Open recordings (or "bundled", one round of it) to be read as fast as can be.

    Frame times are `start` plus the recording's own time. One of several that cannot be read is
    told to `on_skip` and left out. Raises a CaptureError when one is missing or none can be read.
    """
    painter = MaskPainter(masks)

    def frames() -> Iterator[Frame]:
        images = open_images(sources, fps=fps, loop=False, on_skip=on_skip)
        for index, timed in enumerate(images):
            at = start + timedelta(seconds=timed.at_s)
            yield Frame(image=painter.paint(timed.image), captured_at=at, index=index)

    with prefetch(frames()) as prefetched:
        yield prefetched


def open_images(
    sources: Sequence[str],
    *,
    fps: float,
    loop: bool,
    on_skip: Callable[[Skipped], None] = log_skipped,
) -> Iterator[TimedImage]:
    """Yield the images of recordings, or of "bundled"; what is skipped is told to `on_skip`.

    Raises a CaptureError when one is missing or none can be read.
    """
    for one in _play(sources, fps=fps, loop=loop):
        if isinstance(one, Skipped):
            on_skip(one)
        else:
            yield one


def _play(sources: Sequence[str], *, fps: float, loop: bool) -> Iterator[Played]:
    if list(sources) == [BUNDLED]:
        return synthetic_images(fps=fps, loop=loop)
    return read_images(find_recordings([Path(source) for source in sources]), fps=fps, loop=loop)


def _in_real_time(
    prefetched: Iterator[Played], painter: MaskPainter, clock: FrameClock
) -> Iterator[CaptureResult]:
    began_s = None
    for index, timed in enumerate(prefetched):
        if isinstance(timed, Skipped):
            yield timed
            continue
        began_s = time.monotonic() - timed.at_s if began_s is None else began_s
        early_s = began_s + timed.at_s - time.monotonic()
        if early_s < -_LATE_S:
            continue
        time.sleep(max(0.0, early_s))
        yield Frame(image=painter.paint(timed.image), captured_at=clock.now(), index=index)


def _live(
    pictures: Iterator[Shot | None], painter: MaskPainter, clock: FrameClock
) -> Iterator[CaptureResult]:
    for index, shot in enumerate(pictures):
        if shot is None:
            yield NoFrame(at=clock.now(), state=CameraState.MISSING)
        else:
            image = painter.paint(shot.image())
            yield Frame(image=image, captured_at=shot.captured_at, index=index)


def _no_frames(
    clock: FrameClock, sleep: Callable[[float], None] = time.sleep
) -> Iterator[CaptureResult]:
    while True:
        sleep(NO_FRAME_AFTER_S)
        yield NoFrame(at=clock.now(), state=CameraState.OFF)
