"""Where the time of a frame goes: one stopwatch for each stage of the pipeline."""

from __future__ import annotations

from enum import StrEnum
from time import perf_counter_ns
from types import TracebackType
from typing import Self

_NS_PER_S = 1e9


class Stage(StrEnum):
    """What is done with a frame, in order."""

    DECODE = "decode"
    RESIZE = "resize"
    DETECT = "detect"
    BOXES = "boxes"
    PEOPLE = "people"
    TRACK = "track"
    CROP = "crop"
    EXPRESSION = "expression"


MODEL_STAGES = (Stage.DETECT, Stage.PEOPLE, Stage.EXPRESSION)
"""The stages that are nothing but ONNX Runtime at work."""


class Stopwatch:
    """Adds up the time spent inside `with` blocks; not reentrant, used by one thread."""

    __slots__ = ("_started_ns", "runs", "total_ns")

    def __init__(self) -> None:
        self.total_ns = 0
        self.runs = 0
        self._started_ns = 0

    def __enter__(self) -> Self:
        self._started_ns = perf_counter_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.total_ns += perf_counter_ns() - self._started_ns
        self.runs += 1


class StageClock:
    """One stopwatch for each stage, handed to whoever does the stage's work."""

    __slots__ = ("_watches",)

    def __init__(self) -> None:
        self._watches = {stage: Stopwatch() for stage in Stage}

    def measure(self, stage: Stage) -> Stopwatch:
        """Return the stage's stopwatch: `with clock.measure(Stage.TRACK): ...`."""
        return self._watches[stage]

    def total_s(self, stage: Stage) -> float:
        """Seconds spent in the stage so far."""
        return self._watches[stage].total_ns / _NS_PER_S

    def runs(self, stage: Stage) -> int:
        """How often the stage was entered so far."""
        return self._watches[stage].runs

    @property
    def model_s(self) -> float:
        """Seconds spent so far inside ONNX Runtime, detector and expression together."""
        return sum(self.total_s(stage) for stage in MODEL_STAGES)

    def reset(self) -> None:
        """Forget everything measured so far, for instance after a warm-up."""
        for watch in self._watches.values():
            watch.total_ns = watch.runs = 0
