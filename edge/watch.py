"""`motcua edge watch`: from the camera to the outbox, for as long as the unit is on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import structlog

from edge.assembly import Assembly, assemble
from edge.capture.sources import open_source
from edge.errors import CaptureError, VisionError
from edge.outbox import Outbox
from edge.settings import EdgeSettings, read_settings
from edge.watchman import Watchman, complain

_RETRY_S = 60.0
_REMIND_S = 5.0

log = structlog.get_logger()


@click.command("watch")
@click.option("--config", type=click.Path(path_type=Path), help="The unit's edge.toml.")
@click.option("--camera", help='"bundled", "none", a device, an RTSP URL, a file or a folder.')
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--loop/--no-loop", default=None, help="Play a recording over and over, or once.")
def command(
    config: Path | None, camera: str | None, models: Path | None, loop: bool | None
) -> None:
    """Watch the counter until the process is asked to stop; frames never leave memory."""
    settings = read_settings(config).with_camera(source=camera, loop=loop)
    store = settings.store
    with (
        _stopping() as stop,
        Outbox.open(store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb) as outbox,
    ):
        watch(settings, outbox, stop, models=models)


def watch(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, *, models: Path | None = None
) -> None:
    """Fill `outbox` until `stop` is set or a recording ends.

    Without a usable detector it says so, in the log and in the unit's health, and waits for one.
    Raises a CaptureError for a recording that is missing or damaged; a camera is waited for.
    """
    assembly = _wait_for_models(settings, outbox, stop, models)
    if assembly is None:
        return
    try:
        _watch(settings, outbox, stop, assembly)
    except CaptureError as error:
        complain(outbox, str(error))
        raise


def _watch(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, assembly: Assembly
) -> None:
    camera = settings.camera
    with open_source(
        camera.source, fps=camera.fps, loop=camera.loop, masks=settings.mask_zones()
    ) as glimpses:
        watchman = Watchman(outbox, assembly)
        try:
            for glimpse in glimpses:
                watchman.take(glimpse)
                if stop.is_set():
                    break
        finally:
            watchman.finish()


def _wait_for_models(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, models: Path | None
) -> Assembly | None:
    """Return the pipeline once its models can be had; None when asked to stop before."""
    said = ""
    while not stop.is_set():
        try:
            return assemble(settings, models=models)
        except VisionError as error:
            if str(error) != said:
                said = str(error)
                log.warning("model_unusable", problem=said)
        for _ in range(round(_RETRY_S / _REMIND_S)):
            complain(outbox, said)
            if stop.wait(_REMIND_S):
                break
    return None


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM and SIGINT set; the signals' old handlers come back after."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, set_stop) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
