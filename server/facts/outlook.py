"""Who waits, who serves, and how long recent services took: what decides the wait of a newcomer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source

FRESH_FOR = timedelta(seconds=15)
"""Three windows of 5 s."""

OPEN_FOR = timedelta(minutes=15)
"""A counter counts as open for so long after it has served somebody, as on the devices."""

SERVICES_FOR = timedelta(hours=4)
"""Older services tell of another half of the day; the statement says so, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterNow:
    """What was seen last at a counter; `queue_length` is None where no waiting zone is watched."""

    observed_at: datetime | None
    queue_length: int | None
    people_present: int | None
    last_served_at: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Return whether it was observed just now."""
        return self.observed_at is not None and abs(now - self.observed_at) <= FRESH_FOR

    def is_busy(self, now: datetime) -> bool:
        """Return whether more people are in view than wait: somebody is served."""
        return self.is_fresh(now) and (self.people_present or 0) > (self.queue_length or 0)

    def is_open(self, now: datetime) -> bool:
        """Return whether it serves somebody or did a short while ago."""
        served = self.last_served_at
        return self.is_busy(now) or (served is not None and abs(now - served) <= OPEN_FOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The counters that one queue may go to, and their service times of the last hours."""

    counters: tuple[CounterNow, ...]
    service_times_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookTotals:
    """The halls: a unit is one, for its counters serve whoever comes."""

    halls: tuple[Hall, ...] = ()

    def __add__(self, other: Self) -> Self:
        return type(self)(halls=self.halls + other.halls)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the hall in arrays of its counters, and an array of service times."""
        *columns, service_times_s = row
        counters = tuple(
            CounterNow(
                observed_at=observed_at,
                queue_length=queue_length,
                people_present=people_present,
                last_served_at=last_served_at,
            )
            for observed_at, queue_length, people_present, last_served_at in zip(
                *columns, strict=True
            )
        )
        return cls(halls=(Hall(counters=counters, service_times_s=tuple(service_times_s or ())),))


OUTLOOK = Source(
    name="outlook",
    timing=Timing.NOW,
    totals=OutlookTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    on_request=True,
)
