"""What someone who comes now has to expect, from what a camera has seen so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from edge.analytics.visits import EndedVisit
from runtime.expected_wait import ExpectedWait, expected_wait

OPEN_FOR = timedelta(minutes=15)
"""A counter counts as open for so long after it has served somebody."""

KEPT_SERVICES = 50
KEPT_FOR = timedelta(hours=4)
"""Service times that are older or more than these tell of another half of the day."""


class Outlook:
    """Keeps recent service times and tells the expected wait of each waiting zone's counter.

    `halls` are the counters whose queue is seen, each with those that serve it.
    """

    def __init__(self, halls: Mapping[str, Collection[str]], *, own: str) -> None:
        self._halls = halls
        self._own = own
        self._services: dict[str, deque[tuple[datetime, float]]] = {}

    def note(self, visit: EndedVisit) -> None:
        """Take the service time of a visit that was seen to its end."""
        if visit.complete:
            counter = visit.counter or self._own
            times = self._services.setdefault(counter, deque(maxlen=KEPT_SERVICES))
            times.append((visit.ended_at, (visit.ended_at - visit.started_at).total_seconds()))

    def expect(
        self, now: datetime, queues: Mapping[str, int], serving: Collection[str]
    ) -> dict[str, ExpectedWait]:
        """Return the expected wait of each counter in `queues` that has one; `serving` are busy."""
        expected = {}
        for counter, served_by in self._halls.items():
            found = expected_wait(
                queue=queues.get(counter, 0),
                open_counters=sum(one in serving or self._is_open(one, now) for one in served_by),
                busy_counters=sum(one in serving for one in served_by),
                service_times_s=[
                    seconds
                    for one in served_by
                    for ended_at, seconds in self._services.get(one, ())
                    if timedelta(0) <= now - ended_at <= KEPT_FOR
                ],
            )
            if found is not None:
                expected[counter] = found
        return expected

    def _is_open(self, counter: str, now: datetime) -> bool:
        return any(
            timedelta(0) <= now - ended_at <= OPEN_FOR
            for ended_at, _ in self._services.get(counter, ())
        )
