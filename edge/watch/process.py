"""Runs watch: opens camera, models and outbox, and stops on SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import structlog

from contract.messages import ReportedProblem
from contract.problems import ProblemCode, report
from edge.assembly import Assembly, assemble
from edge.capture.merging import merge
from edge.capture.sources import CaptureResult, open_source
from edge.capture.video import StreamOptions
from edge.errors import CaptureError, SourceBroken, VisionError
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName
from edge.store.process_lock import process_lock
from edge.store.prompts import PromptBook
from edge.watch.frame_handler import FrameHandler, VisitPrompts, report_not_watching

_RETRY_S = 60.0
_REPORT_AGAIN_S = 5.0

log = structlog.get_logger()


def run(settings: EdgeSettings, *, models: Path | None) -> None:
    """Watch until SIGTERM or SIGINT; raise ReportedError when it cannot begin."""
    store = settings.store
    with (
        _stop_signals() as stop,
        process_lock(store.path, ProcessName.WATCH),
        Outbox.open(store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb) as outbox,
    ):
        watch(settings, outbox, stop, models=models)


def watch(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, *, models: Path | None = None
) -> None:
    """Fill `outbox` until `stop` is set or a recording ends.

    Without a usable detector, or in a loop of recordings none of which can be played, it reports
    that, in the log and in the device's health, and tries again every minute. Raises a CaptureError
    for a recording that is missing, or damaged and not to be played in a loop; a camera is waited
    for.
    """
    assembly = _wait_for_models(settings, outbox, stop, models)
    reason = ""
    while assembly is not None and not stop.is_set():
        try:
            _watch(settings, outbox, stop, assembly)
        except CaptureError as error:
            if not (settings.camera.loop and isinstance(error, SourceBroken)):
                report_not_watching(outbox, str(error))
                raise
            problem = report(ProblemCode.NO_PROGRESS, cause=str(error), again_s=round(_RETRY_S))
            if problem.text != reason:
                reason = problem.text
                log.warning("recordings_unplayable", problem=reason)
            _wait(outbox, stop, problem)
        else:
            return


def _watch(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, assembly: Assembly
) -> None:
    with ExitStack() as stack:
        sources = {
            view.camera.name: stack.enter_context(open_camera(view)) for view in settings.views()
        }
        results = stack.enter_context(merge(sources))
        handler = FrameHandler(outbox, assembly, prompts=_prompts(settings, outbox))
        try:
            for camera, result in results:
                handler.handle(result, camera)
                if stop.is_set():
                    break
        finally:
            handler.finish()


def _prompts(settings: EdgeSettings, outbox: Outbox) -> VisitPrompts | None:
    """Return what asks for ratings after visits, unless the device is set not to."""
    if settings.kiosk.prompt_s == 0:
        return None
    device = settings.device
    book = PromptBook(outbox=outbox, device=device.device, counter=device.counter)
    return VisitPrompts(book=book, lasts_s=settings.kiosk.prompt_s)


def open_camera(view: EdgeSettings) -> AbstractContextManager[Iterator[CaptureResult]]:
    """Open the camera of a view's settings, its mask zones painted over."""
    camera = view.camera
    options = StreamOptions(
        transport=camera.transport, decoder=None if camera.decoder == "none" else camera.decoder
    )
    return open_source(
        camera.source,
        fps=camera.fps,
        loop=camera.loop,
        masks=view.mask_zones(),
        options=options,
    )


def _wait_for_models(
    settings: EdgeSettings, outbox: Outbox, stop: threading.Event, models: Path | None
) -> Assembly | None:
    """Return the pipeline once its models can be had; None when asked to stop before."""
    reason = ""
    while not stop.is_set():
        try:
            return assemble(settings, models=models)
        except VisionError as error:
            if str(error) != reason:
                reason = str(error)
                log.warning("model_unusable", problem=reason)
        _wait(outbox, stop, reason)
    return None


def _wait(outbox: Outbox, stop: threading.Event, reason: str | ReportedProblem) -> None:
    """Report `reason` as fresh until it is time to try again, or to stop."""
    for _ in range(round(_RETRY_S / _REPORT_AGAIN_S)):
        report_not_watching(outbox, reason)
        if stop.wait(_REPORT_AGAIN_S):
            return


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
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
