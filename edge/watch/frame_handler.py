"""What watch does with each frame, and what it reports about itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import structlog

from contract.messages import CameraState, ReportedProblem, Visit
from contract.problems import ProblemCode, report
from edge.analytics.messages import CameraMessage
from edge.analytics.pictures import PictureCheck
from edge.assembly import Assembly
from edge.capture.recordings import Skipped
from edge.capture.sources import CaptureResult, log_skipped
from edge.errors import StoreError
from edge.pipeline import Pipeline
from edge.scene import Frame
from edge.store.outbox import Outbox, ProcessName, ProcessStatus

REPORT_S = 5.0

_CAMERA_PROBLEMS = {
    CameraState.MISSING: ProblemCode.CAMERA_MISSING,
    CameraState.BLACK: ProblemCode.CAMERA_BLACK,
    CameraState.FROZEN: ProblemCode.CAMERA_FROZEN,
}

# A missing camera has already been reported by the part that lost it.
_BAD_PICTURES = {CameraState.BLACK, CameraState.FROZEN}

log = structlog.get_logger()


class FrameHandler:
    """Runs frames through the pipeline into the outbox, and reports on camera and models.

    While the camera is away, black or frozen nothing is counted: what is missing is not zero.
    """

    def __init__(
        self,
        outbox: Outbox,
        assembly: Assembly,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic_s = monotonic_s
        self._outbox = LossyOutbox(outbox)
        self._assembly = assembly
        self._pictures = PictureCheck()
        self._camera = CameraState.OK
        self._failures = 0
        self._frames = 0
        self._skipped: dict[Path, Skipped] = {}
        self._reported_s = self._monotonic_s()
        log.info(
            "watch_started",
            detector=assembly.detector,
            people_detector=assembly.people_detector or "none: people count by their faces",
            expression_model=assembly.expression_model or "none: visits are counted without it",
        )
        self._report(CameraState.OK, fps=None)

    def handle(self, result: CaptureResult) -> None:
        """Count what is in `result`; a frame that cannot be analysed is logged and left out."""
        try:
            self._outbox.append_all(self._messages(result))
        except Exception as error:  # whatever it is, the next frame is another chance to count
            self._failures += 1
            if self._failures == 1:  # one bad frame rarely comes alone
                log.exception("frame_failed", error=str(error))
        self._report_when_due()

    def finish(self) -> None:
        """Store what is still open and report that the camera is off."""
        self._outbox.append_all(self._pipeline.close())
        self._report(CameraState.OFF, fps=None)
        log.info("watch_stopped", frames_failed=self._failures, messages_lost=self._outbox.lost)

    @property
    def _pipeline(self) -> Pipeline:
        return self._assembly.pipeline

    def _messages(self, result: CaptureResult) -> list[CameraMessage]:
        if isinstance(result, Skipped):
            self._skip(result)
            return []
        if not isinstance(result, Frame):
            return self._without_frame(result.state, result.at)
        state = self._pictures.update(result.image, result.captured_at)
        if state is not CameraState.OK:
            return self._without_frame(state, result.captured_at)
        self._set_camera_state(state)
        self._frames += 1
        return self._pipeline.step(result)

    def _skip(self, skipped: Skipped) -> None:
        self._skipped[skipped.path] = skipped
        log_skipped(skipped)

    def _without_frame(self, state: CameraState, now: datetime) -> list[CameraMessage]:
        """Return the visits that are cut short, then one empty window after another."""
        cut_short = self._pipeline.interrupt() if self._camera is CameraState.OK else []
        self._set_camera_state(state)
        return cut_short if state is CameraState.OFF else [*cut_short, *self._pipeline.tick(now)]

    def _set_camera_state(self, state: CameraState) -> None:
        if state is not self._camera:
            if state in _BAD_PICTURES:
                log.warning(
                    "camera_state", state=state, problem=report(_CAMERA_PROBLEMS[state]).text
                )
            else:
                log.info("camera_state", state=state, before=self._camera)
            self._camera = state
            self._report(state, fps=None)

    def _report_when_due(self) -> None:
        elapsed_s = self._monotonic_s() - self._reported_s
        if elapsed_s >= REPORT_S:
            self._report(self._camera, fps=round(self._frames / elapsed_s, 1))

    def _report(self, camera: CameraState, *, fps: float | None) -> None:
        self._reported_s, self._frames = self._monotonic_s(), 0
        self._outbox.put_status(
            ProcessStatus(
                camera=camera,
                fps=fps,
                detector=self._assembly.detector,
                people_detector=self._assembly.people_detector or None,
                expression_model=self._assembly.expression_model or None,
                problem_reports=tuple(self._problems()),
            )
        )

    def _problems(self) -> Iterable[ReportedProblem]:
        if self._camera in _CAMERA_PROBLEMS:
            yield report(_CAMERA_PROBLEMS[self._camera])
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

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.lost = 0
        self.problem: ReportedProblem | None = None

    def append_all(self, messages: Iterable[CameraMessage]) -> None:
        """Store `messages`, as many as the outbox takes."""
        for message in messages:
            try:
                self._outbox.append(message)
            except StoreError as error:
                self._refused(error)
            else:
                self._accepted(message)

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
