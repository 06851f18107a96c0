"""Recordings and network streams through FFmpeg: each picture with the time that it has there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from edge.capture.display import show
from edge.errors import CaptureError, SourceBroken, SourceMissing, SourceRefuses
from edge.scene import Image
from runtime.stream_urls import StreamUrl, parse, without_secrets

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_OPEN_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 5.0
_NO_TIMESTAMPS = 0x0080  # FFmpeg's AVFMT_NOTIMESTAMPS: a raw stream, without a container

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A picture of a source; `image` makes its pixels, so that what is left out costs nothing.

    `at_s` is its time on the source's own clock, None where that has none; `lasts_s` is for how
    long it is shown.
    """

    at_s: float | None
    lasts_s: float
    image: Callable[[], Image]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """How a network camera is read: by which transport of RTSP, and decoded by which device.

    Without a `decoder` the processor decodes, as it does where the device cannot.
    """

    transport: str = "tcp"
    decoder: str | None = None


@contextmanager
def open_video(
    target: str, options: StreamOptions = StreamOptions()
) -> Iterator[Iterator[Picture]]:
    """Open a file or URL and yield its pictures in their order; damaged parts are left out.

    Raises SourceMissing when nothing is there, SourceRefuses for a wrong password, and SourceBroken
    for what cannot be read, with the codec's name where that is why.
    """
    with _open(target, options) as container:
        yield _pictures(container, target)


@contextmanager
def _open(target: str, options: StreamOptions) -> Iterator[InputContainer]:
    import av
    from av.codec.hwaccel import HWAccel

    url = parse(target)
    is_rtsp = url is not None and url.scheme.startswith("rtsp")
    try:
        container = av.open(
            target if url is None else url.connecting,
            options={"rtsp_transport": options.transport} if is_rtsp else {},
            hwaccel=None
            if url is None or options.decoder is None
            else HWAccel(device_type=options.decoder, allow_software_fallback=True),
            timeout=(_OPEN_TIMEOUT_S, _READ_TIMEOUT_S),
        )
    except (av.error.FFmpegError, OSError) as error:
        # None: the library's own text repeats the URL with its password.
        raise _translated(error, target, url) from None
    with container:
        yield container


def _translated(error: Exception, target: str, url: StreamUrl | None) -> CaptureError:
    import av

    shown = without_secrets(target)
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return SourceRefuses(f"camera {shown} refuses its user or password; check [camera] source")
    if url is None and os.access(target, os.R_OK):
        return SourceBroken(
            f"recording {shown} cannot be read; it may be empty, cut off, damaged or no video"
        )
    return SourceMissing(
        f"camera or video {shown} cannot be opened; "
        "check that it is there and held by no other program"
    )


def _pictures(container: InputContainer, target: str) -> Iterator[Picture]:
    import av

    stream = _video_stream(container, target)
    stream.thread_type = "SLICE" if "://" in target else "AUTO"  # more threads are frames late
    clock = _FrameTimes(container, stream, target)
    given = damaged = 0
    for packet in _packets(container, stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            given += 1
            yield clock.picture(frame)
    shown = without_secrets(target)
    if given == 0:
        kind = "camera" if clock.is_live else "recording"
        raise SourceBroken(f"{kind} {shown} gives no pictures; it may be cut off or damaged")
    if damaged and not clock.is_live:
        log.warning(
            "recording_damaged",
            problem=f"{damaged} parts of {shown} are damaged and were left out",
            next="record it again, or take it out",
        )


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield what there is up to the end, or to where the source breaks off."""
    import av

    try:
        yield from container.demux(stream)
    except (av.error.FFmpegError, OSError):
        return


def _video_stream(container: InputContainer, target: str) -> VideoStream:
    shown = without_secrets(target)
    if not container.streams.video:
        raise SourceBroken(f"recording {shown} holds no video")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise SourceBroken(
            f"recording {shown} is coded as {_coding(target)}, which cannot be read here; "
            "convert it: ffmpeg -i FILE -c:v libx264 converted.mp4"
        )
    return stream


class _FrameTimes:
    """The times of a stream's frames; of a raw recording, by the rate that its own head states."""

    def __init__(self, container: InputContainer, stream: VideoStream, target: str) -> None:
        context = stream.codec_context
        self._pixel_shape = stream.sample_aspect_ratio
        self.is_live = "://" in target
        self._is_raw = bool(container.format.flags & _NO_TIMESTAMPS)
        rate = context.framerate if self._is_raw else stream.guessed_rate or context.framerate
        if self._is_raw and not rate and not self.is_live:
            raise SourceBroken(
                f"recording {without_secrets(target)} is a raw {context.name} stream, which says "
                "nothing about its times; put it into a container at the rate at which it was "
                f"recorded: ffmpeg -framerate RATE -i FILE -c copy recording.mkv"
            )
        self._step_s = float(1 / rate) if rate else 0.0
        self._next_s = 0.0

    def picture(self, frame: VideoFrame) -> Picture:
        at_s = self._own_time_s(frame)
        if at_s is None and not self.is_live:
            at_s = self._next_s
        lasts_s = self._in_s(frame, frame.duration) or self._step_s
        self._next_s = (at_s or 0.0) + lasts_s
        return Picture(at_s=at_s, lasts_s=lasts_s, image=partial(show, frame, self._pixel_shape))

    def _own_time_s(self, frame: VideoFrame) -> float | None:
        stamp = frame.pts if frame.pts is not None else frame.dts
        return None if self._is_raw or stamp is None else self._in_s(frame, stamp)

    @staticmethod
    def _in_s(frame: VideoFrame, ticks: int) -> float:
        return float(ticks * (frame.time_base or 0))


def _coding(target: str) -> str:
    """Return the four letters by which an MP4 names the codec; FFmpeg tells known ones alone."""
    try:
        with Path(target).open("rb") as file:
            content = file.read(1 << 20)
            file.seek(-min(1 << 20, Path(target).stat().st_size), os.SEEK_END)
            content += file.read()
    except OSError:
        return "something unknown"
    _, found, after = content.partition(b"stsd")
    name = after[12:16].decode("ascii", "replace")
    return f'"{name}"' if found and name.isprintable() else "something unknown"
