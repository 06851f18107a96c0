"""Observation windows: a few seconds of counts and expressions at one counter as one value."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.messages import ExpressionMix
from edge.analytics.expressions import TimedReading, mix
from edge.analytics.stays import Stay


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedWindow:
    """What was seen until `ended_at`; counts are None where nothing could be seen."""

    ended_at: datetime
    window_s: float
    frames: int
    queue_length: int | None
    people_present: int | None
    expression: ExpressionMix | None
    arrivals: int | None = None
    counter: str | None = None


class WindowAggregator:
    """Collects counts and readings of one counter into windows of `window_s`, without gaps.

    Who is in a waiting zone counts in the queue once they have stood there for `confirm_s`, from
    their first moment to their last, moments out of sight included: this is decided when the window
    ends. Passing through is no waiting.

    After a pause longer than a window a fresh one begins: a clock that jumps by years must not
    yield millions of empty windows.
    """

    def __init__(
        self,
        *,
        window_s: float,
        interval_s: float,
        counts_queue: bool,
        confirm_s: float = 0.0,
        counter: str | None = None,
    ) -> None:
        self._length = timedelta(seconds=window_s)
        self._interval = timedelta(seconds=interval_s)
        self._counts_queue = counts_queue
        self._confirm_s = confirm_s
        self._counter = counter
        self._started_at: datetime | None = None
        self._last_at: datetime | None = None
        self._queues: list[tuple[datetime, Sequence[Stay]]] = []
        self._arrivals = 0
        self._people: list[int] = []
        self._readings: list[TimedReading] = []

    def advance(self, now: datetime) -> list[EndedWindow]:
        """Return the window that has ended at or before `now`, if one has."""
        if self._started_at is None:
            self._started_at = now
        end = self._started_at + self._length
        if now < self._started_at:
            return self._restart(now, self.flush())
        if now < end:
            return []
        ended = self._end(end, self._length)
        return self._restart(end if now < end + self._length else now, [ended])

    def count(
        self, now: datetime, *, waiting: Sequence[Stay], people: int, arrivals: int = 0
    ) -> None:
        """Add what one analysed frame showed: the waits that are open, and how many are in view."""
        self._last_at = now
        self._queues.append((now, waiting))
        self._people.append(people)
        self._arrivals += arrivals

    def read(self, timed: TimedReading) -> None:
        """Add an expression reading."""
        self._readings.append(timed)

    def flush(self) -> list[EndedWindow]:
        """End the window after its last frame, however short; return it unless it has none."""
        if self._started_at is None or self._last_at is None or not self._people:
            return []
        end = min(self._last_at + self._interval, self._started_at + self._length)
        ended = self._end(end, end - self._started_at)
        self._started_at = None
        self._clear()
        return [ended]

    def _restart(self, at: datetime, ended: list[EndedWindow]) -> list[EndedWindow]:
        self._started_at = at
        self._clear()
        return ended

    def _end(self, at: datetime, length: timedelta) -> EndedWindow:
        seen = bool(self._people)
        return EndedWindow(
            ended_at=at,
            window_s=round(length.total_seconds(), 3),
            frames=len(self._people),
            queue_length=self._queue_length() if seen and self._counts_queue else None,
            people_present=statistics.median_low(self._people) if seen else None,
            expression=mix(self._readings),
            arrivals=self._arrivals if seen else None,
            counter=self._counter,
        )

    def _queue_length(self) -> int:
        return statistics.median_low(
            [
                sum(stay.has_stood(self._confirm_s) and stay.last_seen_at >= at for stay in stays)
                for at, stays in self._queues
            ]
        )

    def _clear(self) -> None:
        self._queues, self._people, self._readings = [], [], []
        self._arrivals = 0
