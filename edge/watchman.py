"""What watch does with each glimpse of the counter, and what it says about itself."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

import structlog

from contract.messages import CameraState, Visit
from contract.problems import Problem
from edge.analytics.pictures import PictureCheck
from edge.analytics.report import Report
from edge.assembly import Assembly
from edge.capture.sources import Glimpse
from edge.errors import StoreError
from edge.outbox import Component, Outbox, Status
from edge.pipeline import Pipeline
from edge.scene import Frame

REPORT_S = 5.0

_CAMERA_PROBLEMS = {
    CameraState.MISSING: Problem.CAMERA_MISSING,
    CameraState.BLACK: Problem.CAMERA_BLACK,
    CameraState.FROZEN: Problem.CAMERA_FROZEN,
}

# A missing camera has already been reported by the part that lost it.
_BAD_PICTURES = {CameraState.BLACK, CameraState.FROZEN}

log = structlog.get_logger()


class Watchman:
    """Carries glimpses through the pipeline into the outbox, and reports on camera and models.

    While the camera is away, black or frozen nothing is counted: what is missing is not zero.
    """

    def __init__(self, outbox: Outbox, assembly: Assembly) -> None:
        self._outbox = Mailbox(outbox)
        self._assembly = assembly
        self._pictures = PictureCheck()
        self._camera = CameraState.OK
        self._failures = 0
        self._frames = 0
        self._reported_s = time.monotonic()
        log.info(
            "watch_started",
            detector=assembly.detector,
            people_detector=assembly.people_detector or "none: people count by their faces",
            expression_model=assembly.expression_model or "none: visits are counted without it",
        )
        self._report(CameraState.OK, fps=None)

    def take(self, glimpse: Glimpse) -> None:
        """Count what is in `glimpse`; a frame that cannot be analysed is logged and left out."""
        try:
            self._outbox.post(self._messages(glimpse))
        except Exception as error:  # whatever it is, the next frame is another chance to count
            self._failures += 1
            if self._failures == 1:  # one bad frame rarely comes alone
                log.exception("frame_failed", error=str(error))
        self._report_when_due()

    def finish(self) -> None:
        """Post what is still open and say that the camera is off."""
        self._outbox.post(self._pipeline.close())
        self._report(CameraState.OFF, fps=None)
        log.info("watch_stopped", frames_failed=self._failures, messages_lost=self._outbox.lost)

    @property
    def _pipeline(self) -> Pipeline:
        return self._assembly.pipeline

    def _messages(self, glimpse: Glimpse) -> list[Report]:
        if not isinstance(glimpse, Frame):
            return self._unseen(glimpse.state, glimpse.at)
        state = self._pictures.update(glimpse.image, glimpse.captured_at)
        if state is not CameraState.OK:
            return self._unseen(state, glimpse.captured_at)
        self._enter(state)
        self._frames += 1
        return self._pipeline.step(glimpse)

    def _unseen(self, state: CameraState, now: datetime) -> list[Report]:
        """Return what ends when sight is lost, then one empty window after another."""
        cut_short = self._pipeline.interrupt() if self._camera is CameraState.OK else []
        self._enter(state)
        return cut_short if state is CameraState.OFF else [*cut_short, *self._pipeline.tick(now)]

    def _enter(self, state: CameraState) -> None:
        if state is not self._camera:
            if state in _BAD_PICTURES:
                log.warning("camera_state", state=state, problem=_CAMERA_PROBLEMS[state].say())
            else:
                log.info("camera_state", state=state, before=self._camera)
            self._camera = state
            self._report(state, fps=None)

    def _report_when_due(self) -> None:
        elapsed_s = time.monotonic() - self._reported_s
        if elapsed_s >= REPORT_S:
            self._report(self._camera, fps=round(self._frames / elapsed_s, 1))

    def _report(self, camera: CameraState, *, fps: float | None) -> None:
        self._reported_s, self._frames = time.monotonic(), 0
        self._outbox.report(
            Status(
                camera=camera,
                fps=fps,
                detector=self._assembly.detector,
                people_detector=self._assembly.people_detector or None,
                expression_model=self._assembly.expression_model or None,
                problems=tuple(self._problems()),
            )
        )

    def _problems(self) -> Iterable[str]:
        if self._camera in _CAMERA_PROBLEMS:
            yield _CAMERA_PROBLEMS[self._camera].say()
        if not self._assembly.expression_model:
            yield Problem.NO_EXPRESSIONS.say()
        if self._failures:
            yield Problem.FRAMES_FAILED.say(frames=self._failures)
        if self._outbox.problem:
            yield self._outbox.problem


class Mailbox:
    """The outbox as watch uses it: what it refuses is logged once, counted, and given up.

    Camera counts are worth less than the unit's life: ratings have their own share of the store.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.lost = 0
        self.problem = ""

    def post(self, messages: Iterable[Report]) -> None:
        """Store `messages`, as many as the outbox takes."""
        for message in messages:
            try:
                self._outbox.append(message)
            except StoreError as error:
                self._refused(error)
            else:
                self._accepted(message)

    def report(self, status: Status) -> None:
        """Say how watch is, where the relay will read it."""
        try:
            self._outbox.report(Component.WATCH, status)
        except StoreError as error:
            if not self.problem:
                log.warning("status_not_stored", problem=str(error))

    def _refused(self, error: StoreError) -> None:
        self.lost += 1
        if not self.problem:
            log.warning("messages_not_stored", problem=str(error))
        self.problem = str(error)

    def _accepted(self, message: Report) -> None:
        if self.problem:
            log.info("messages_stored_again", lost=self.lost)
            self.problem = ""
        if isinstance(message, Visit):
            log.info("visit_closed", service_s=message.service_s, wait_s=message.wait_s)


def complain(outbox: Outbox, reason: str) -> None:
    """Put the one thing that keeps watch from working where the relay will read it."""
    problem = Problem.NOT_WATCHING.say(detail=reason)
    status = Status(camera=CameraState.OFF, problems=(problem,))
    Mailbox(outbox).report(status)
