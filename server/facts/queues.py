"""The newest observation of each counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterState:
    """A counter's newest observation; `queue_length` is None where no waiting zone is watched."""

    observed_at: datetime
    queue_length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTotals:
    """The counters that were ever observed."""

    counters: tuple[CounterState, ...] = ()

    def __add__(self, other: Self) -> Self:
        return type(self)(counters=self.counters + other.counters)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the counters in two arrays: observed_at and queue_length."""
        states = zip(*row, strict=True)
        return cls(
            counters=tuple(
                CounterState(observed_at=observed_at, queue_length=length)
                for observed_at, length in states
            )
        )


QUEUES = Source(
    name="queues",
    timing=Timing.NOW,
    totals=QueueTotals,
    dimensions=frozenset({Dimension.COUNTER}),
)
