"""One camera's view: its pictures are judged, then counted; what is missing is not zero."""

from __future__ import annotations

from datetime import datetime

import structlog

from contract.messages import CameraState
from edge.analytics.attendance import Attendance
from edge.analytics.budget import next_pace
from edge.analytics.messages import CameraMessage
from edge.analytics.pictures import PictureCheck
from edge.capture.sources import NoFrame
from edge.pipeline import Pipeline
from edge.scene import Frame
from edge.vision.viewpoint import Viewpoint
from runtime.expected_wait import ExpectedWait

log = structlog.get_logger()


class View:
    """A camera's pipeline, interrupted while its pictures cannot be counted on."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._wanted_every = pipeline.detect_every
        self._pictures = PictureCheck()
        self._viewpoint = Viewpoint()
        self.state = CameraState.OK
        self.frames = 0
        """Frames counted since whoever reports them set it to 0."""

    def take(self, result: Frame | NoFrame) -> list[CameraMessage]:
        """Return the messages due at `result`, and set `state` to what it shows."""
        if not isinstance(result, Frame):
            return self._without_picture(result.state, result.at)
        state = self._judge(result)
        if state is not CameraState.OK:
            return self._without_picture(state, result.captured_at)
        self.state = state
        self.frames += 1
        return self._pipeline.step(result)

    def keep_pace(self, busy_share: float, temperature_c: float | None) -> None:
        """Detect more seldom while the device is too busy or too hot, and as wanted after that."""
        before = self._pipeline.detect_every
        now = next_pace(
            before, wanted=self._wanted_every, busy_share=busy_share, temperature_c=temperature_c
        )
        if now != before:
            self._pipeline.detect_every = now
            log.info("detection_pace", detect_every=now, before=before, busy_share=busy_share)

    def expected_waits(self) -> dict[str, ExpectedWait]:
        """Return, by counter, what somebody who comes now has to expect; empty while blind."""
        return self._pipeline.expected_waits() if self.state is CameraState.OK else {}

    def attendances(self) -> dict[str, Attendance]:
        """Return, by counter, who is there now; empty while blind."""
        return self._pipeline.attendances() if self.state is CameraState.OK else {}

    def close(self) -> list[CameraMessage]:
        """Return what is still open."""
        return self._pipeline.close()

    def _judge(self, frame: Frame) -> CameraState:
        state = self._pictures.update(frame.image, frame.captured_at)
        if state is CameraState.OK and self._has_moved(frame):
            return CameraState.MOVED
        return state

    def _has_moved(self, frame: Frame) -> bool:
        people = self._pipeline.heads_in_view
        return self._viewpoint.has_moved(frame.image, frame.captured_at, people)

    def _without_picture(self, state: CameraState, now: datetime) -> list[CameraMessage]:
        """Return the visits that are cut short, then one empty window after another."""
        cut_short = self._pipeline.interrupt() if self.state is CameraState.OK else []
        self.state = state
        return cut_short if state is CameraState.OFF else [*cut_short, *self._pipeline.tick(now)]
