"""What watch does with each frame, and what it reports about itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from contract.messages import CameraState, PromptOpener, ReportedProblem, Visit
from contract.problems import ProblemCode, report
from edge.analytics.attendance import Attendance
from edge.analytics.messages import CameraMessage
from edge.assembly import Assembly
from edge.capture.recordings import Skipped
from edge.capture.sources import CaptureResult, log_skipped
from edge.errors import StoreError
from edge.health import read_temperature_c
from edge.store.attendance import AttendanceBoard
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from edge.store.prompts import PromptBook
from edge.watch.views import View

REPORT_S = 5.0

_CAMERA_PROBLEMS = {
    CameraState.MISSING: ProblemCode.CAMERA_MISSING,
    CameraState.BLACK: ProblemCode.CAMERA_BLACK,
    CameraState.COVERED: ProblemCode.CAMERA_COVERED,
    CameraState.FROZEN: ProblemCode.CAMERA_FROZEN,
    CameraState.OVER_EXPOSED: ProblemCode.CAMERA_OVER_EXPOSED,
    CameraState.OUT_OF_FOCUS: ProblemCode.CAMERA_OUT_OF_FOCUS,
    CameraState.MOVED: ProblemCode.CAMERA_MOVED,
}
"""The worst first: of several cameras the worst one's state is the device's."""

# A missing camera has already been reported by the part that lost it.
_BAD_PICTURES = _CAMERA_PROBLEMS.keys() - {CameraState.MISSING}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPrompts:
    """Asks for a rating of each visit that is over, for `lasts_s` seconds."""

    book: PromptBook
    lasts_s: float

    def open_within(self, visit: Visit) -> None:
        """Ask about `visit`, inside the caller's own `write`; one that was cut off is not asked."""
        counter = visit.counter or self.book.counter
        ended = visit.observed_at
        self.book.outbox.execute("touch_duty", ended.timestamp(), counter, ended.timestamp())
        if visit.complete:
            self.book.open_within(
                counter,
                PromptOpener.VISIT_END,
                now=ended,
                expires_at=ended + timedelta(seconds=self.lasts_s),
                visit=visit.id,
            )


class FrameHandler:
    """Runs frames through their camera's pipeline into the outbox, and reports on it and models.

    While a camera is away or its pictures are bad, nothing is counted at its counters: what is
    missing is not zero.
    """

    def __init__(
        self,
        outbox: Outbox,
        assembly: Assembly,
        *,
        prompts: VisitPrompts | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
        temperature_c: Callable[[], float | None] = read_temperature_c,
    ) -> None:
        self._monotonic_s = monotonic_s
        self._outbox = LossyOutbox(outbox, prompts)
        self._assembly = assembly
        self._views = {camera: View(pipeline) for camera, pipeline in assembly.pipelines.items()}
        self._failures = 0
        self._busy_s = 0.0
        self._temperature_c = temperature_c
        self._skipped: dict[Path, Skipped] = {}
        self._reported_s = self._monotonic_s()
        log.info(
            "watch_started",
            detector=assembly.detector,
            people_detector=assembly.people_detector or "none: people count by their faces",
            expression_model=assembly.expression_model or "none: visits are counted without it",
        )
        self._report(CameraState.OK, fps=None)

    def handle(self, result: CaptureResult, camera: str | None = None) -> None:
        """Count what is in `result`; a frame that cannot be analysed is logged and left out.

        `camera` is the name of the one it comes from, None for the first.
        """
        if isinstance(result, Skipped):
            self._skip(result)
            return
        view = next(iter(self._views.values())) if camera is None else self._views[camera]
        before = view.state
        began_s = self._monotonic_s()
        try:
            self._outbox.append_all(view.take(result))
        except Exception as error:  # whatever it is, the next frame is another chance to count
            self._failures += 1
            if self._failures == 1:  # one bad frame rarely comes alone
                log.exception("frame_failed", error=str(error))
        self._busy_s += self._monotonic_s() - began_s
        self._outbox.put_attendances(self._attendances())
        if view.state is not before:
            self._report_change(view.state, before, camera)
        self._report_when_due()

    def finish(self) -> None:
        """Store what is still open and report that the camera is off."""
        for view in self._views.values():
            self._outbox.append_all(view.close())
        self._report(CameraState.OFF, fps=None)
        log.info("watch_stopped", frames_failed=self._failures, messages_lost=self._outbox.lost)

    def _attendances(self) -> dict[str, Attendance]:
        return {
            counter: found
            for view in self._views.values()
            for counter, found in view.attendances().items()
        }

    @property
    def _camera(self) -> CameraState:
        """The worst camera's state; off where all of them are."""
        states = [view.state for view in self._views.values()]
        worst = [state for state in _CAMERA_PROBLEMS if state in states]
        return worst[0] if worst else min(states, key=list(CameraState).index)

    def _report_change(self, state: CameraState, before: CameraState, camera: str | None) -> None:
        where = {} if camera is None or len(self._views) == 1 else {"camera": camera}
        if state in _BAD_PICTURES:
            problem = report(_CAMERA_PROBLEMS[state]).text
            log.warning("camera_state", state=state, problem=problem, **where)
        else:
            log.info("camera_state", state=state, before=before, **where)
        self._report(self._camera, fps=None)

    def _skip(self, skipped: Skipped) -> None:
        self._skipped[skipped.path] = skipped
        log_skipped(skipped)

    def _report_when_due(self) -> None:
        elapsed_s = self._monotonic_s() - self._reported_s
        if elapsed_s >= REPORT_S:
            slowest = min(view.frames for view in self._views.values())
            self._keep_pace(self._busy_s / elapsed_s)
            self._report(self._camera, fps=round(slowest / elapsed_s, 1))

    def _keep_pace(self, busy_share: float) -> None:
        self._busy_s = 0.0
        for view in self._views.values():
            view.keep_pace(round(busy_share, 2), self._temperature_c())

    def _report(self, camera: CameraState, *, fps: float | None) -> None:
        self._reported_s = self._monotonic_s()
        for view in self._views.values():
            view.frames = 0
        self._outbox.put_attendances(self._attendances(), again=True)
        self._outbox.put_status(
            ProcessStatus(
                camera=camera,
                fps=fps,
                detector=self._assembly.detector,
                people_detector=self._assembly.people_detector or None,
                expression_model=self._assembly.expression_model or None,
                body_zones=self._assembly.body_zones,
                expected_waits={
                    counter: expected
                    for view in self._views.values()
                    for counter, expected in view.expected_waits().items()
                },
                problem_reports=tuple(self._problems()),
            )
        )

    def _problems(self) -> Iterable[ReportedProblem]:
        for camera, view in self._views.items():
            if view.state in _CAMERA_PROBLEMS:
                problem = report(_CAMERA_PROBLEMS[view.state])
                several = len(self._views) > 1
                yield (
                    report(ProblemCode.CAMERA_NAMED, camera=camera, cause=problem)
                    if several
                    else problem
                )
        if not self._assembly.expression_model:
            yield report(ProblemCode.NO_EXPRESSIONS)
        if self._skipped:
            first = min(self._skipped)
            cause = self._skipped[first].problem
            count = len(self._skipped)
            yield report(ProblemCode.RECORDINGS_SKIPPED, cause=cause, skipped=count)
        if self._failures:
            yield report(ProblemCode.FRAMES_FAILED, frames=self._failures)
        if self._outbox.problem is not None:
            yield self._outbox.problem


class LossyOutbox:
    """The outbox as watch uses it: what it refuses is logged once, counted, and dropped.

    Watch must go on when the store is full; ratings have their own share of it.
    """

    def __init__(self, outbox: Outbox, prompts: VisitPrompts | None = None) -> None:
        self._outbox = outbox
        self._prompts = prompts
        self._attendance = AttendanceBoard(outbox)
        self.lost = 0
        self.problem: ReportedProblem | None = None

    def append_all(self, messages: Iterable[CameraMessage]) -> None:
        """Store `messages`, as many as the outbox takes."""
        for message in messages:
            try:
                self._outbox.write(functools.partial(self._put, message))
            except StoreError as error:
                self._refused(error)
            else:
                self._accepted(message)

    def _put(self, message: CameraMessage) -> None:
        """Store one message; a visit and the request to rate it are stored together."""
        self._outbox.put(message)
        if self._prompts is not None and isinstance(message, Visit):
            self._prompts.open_within(message)

    def put_attendances(self, found: Mapping[str, Attendance], *, again: bool = False) -> None:
        """Store who is at the counters, for the kiosk."""
        try:
            self._attendance.write(found, again=again)
        except StoreError as error:
            if self.problem is None:
                log.warning("attendance_not_stored", problem=str(error))

    def put_status(self, status: ProcessStatus) -> None:
        """Store how watch is, for the relay."""
        try:
            self._outbox.put_status(ProcessName.WATCH, status)
        except StoreError as error:
            if self.problem is None:
                log.warning("status_not_stored", problem=str(error))

    def _refused(self, error: StoreError) -> None:
        self.lost += 1
        if self.problem is None:
            log.warning("messages_not_stored", problem=str(error))
        self.problem = error.problem

    def _accepted(self, message: CameraMessage) -> None:
        if self.problem is not None:
            log.info("messages_stored_again", lost=self.lost)
            self.problem = None
        if isinstance(message, Visit):
            log.info("visit_closed", service_s=message.service_s, wait_s=message.wait_s)


def report_not_watching(outbox: Outbox, reason: str | ReportedProblem) -> None:
    """Store, for the relay, the one thing that keeps watch from working."""
    problem = report(ProblemCode.NOT_WATCHING, cause=reason)
    status = ProcessStatus(camera=CameraState.OFF, problem_reports=(problem,))
    LossyOutbox(outbox).put_status(status)
