"""Opens whatever the settings name as one iterator of frames, masked before anyone sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from contract.messages import CameraState
from edge.analytics.zones import Zone
from edge.capture.ahead import run_ahead
from edge.capture.bundled import bundled_shots
from edge.capture.clock import FrameClock
from edge.capture.live import live_pictures
from edge.capture.masks import MaskPainter
from edge.capture.recordings import Shot, find_recordings, is_recording, shots
from edge.scene import Frame, Image

BUNDLED = "bundled"
NONE = "none"

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When a replay begins, so that the same recording always gives the same messages."""

PATIENCE_S = 1.0
_LATE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPicture:
    """Nothing came from the camera for a while."""

    at: datetime
    state: CameraState


Glimpse: TypeAlias = Frame | NoPicture


@contextmanager
def open_source(
    source: str, *, fps: float, loop: bool, masks: Sequence[Zone]
) -> Iterator[Iterator[Glimpse]]:
    """Open `source` as it happens, at most `fps` frames a second; times are those of the clock.

    `source` is "bundled", "none", a device number or path, an rtsp:// URL, a file or a folder.
    Recordings play at their own speed; frames that come too late are left out. Raises a
    CaptureError when a recording cannot be had; a camera is waited for instead.
    """
    painter, clock = MaskPainter(masks), FrameClock()
    if source == NONE:
        yield _nothing(clock)
    elif source == BUNDLED or is_recording(source):
        with run_ahead(_open_shots([source], fps=fps, loop=loop)) as ahead:
            yield _as_it_happens(ahead, painter, clock)
    else:
        with live_pictures(source, fps=fps, patience_s=PATIENCE_S) as pictures:
            yield _live(pictures, painter, clock)


@contextmanager
def open_replay(
    sources: Sequence[str], *, fps: float, masks: Sequence[Zone], start: datetime = EPOCH
) -> Iterator[Iterator[Frame]]:
    """Open recordings (or "bundled", one round of it) to be read as fast as can be.

    Frame times are `start` plus the recording's own time. Raises a CaptureError when one of them
    is missing or damaged.
    """
    painter = MaskPainter(masks)

    def frames() -> Iterator[Frame]:
        for index, shot in enumerate(_open_shots(sources, fps=fps, loop=False)):
            at = start + timedelta(seconds=shot.at_s)
            yield Frame(image=painter.paint(shot.image), captured_at=at, index=index)

    with run_ahead(frames()) as ahead:
        yield ahead


def _open_shots(sources: Sequence[str], *, fps: float, loop: bool) -> Iterator[Shot]:
    if list(sources) == [BUNDLED]:
        return bundled_shots(fps=fps, loop=loop)
    return shots(find_recordings([Path(source) for source in sources]), fps=fps, loop=loop)


def _as_it_happens(
    ahead: Iterator[Shot], painter: MaskPainter, clock: FrameClock
) -> Iterator[Glimpse]:
    began_s = None
    for index, shot in enumerate(ahead):
        began_s = time.monotonic() - shot.at_s if began_s is None else began_s
        early_s = began_s + shot.at_s - time.monotonic()
        if early_s < -_LATE_S:
            continue
        time.sleep(max(0.0, early_s))
        yield Frame(image=painter.paint(shot.image), captured_at=clock.now(), index=index)


def _live(
    pictures: Iterator[Image | None], painter: MaskPainter, clock: FrameClock
) -> Iterator[Glimpse]:
    for index, image in enumerate(pictures):
        now = clock.now()
        if image is None:
            yield NoPicture(at=now, state=CameraState.MISSING)
        else:
            yield Frame(image=painter.paint(image), captured_at=now, index=index)


def _nothing(clock: FrameClock, sleep: Callable[[float], None] = time.sleep) -> Iterator[Glimpse]:
    while True:
        sleep(PATIENCE_S)
        yield NoPicture(at=clock.now(), state=CameraState.OFF)
