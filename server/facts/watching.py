"""In how much of the open time devices were heard and cameras counted, and how long they served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import Dimension, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingTotals:
    """Seconds of opening time of counters, and service times in hours in which a camera counted.

    An hour belongs to `heard_s` when any message came in it, and to `counted_s` when a camera
    counted anybody or nobody. A counter is expected from the day on which it was first heard.
    """

    open_s: int = 0
    heard_s: int = 0
    counted_s: int = 0
    services: Histogram = EMPTY
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            open_s=self.open_s + other.open_s,
            heard_s=self.heard_s + other.heard_s,
            counted_s=self.counted_s + other.counted_s,
            services=self.services + other.services,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in open_s, heard_s, counted_s, newest, bins, their counts."""
        open_s, heard_s, counted_s, last, bins, counts = row
        services = Histogram.of(bins or (), counts or ())
        return cls(
            open_s=open_s, heard_s=heard_s, counted_s=counted_s, services=services, newest=last
        )


WATCHING = Source(
    name="watching",
    timing=Timing.PERIOD,
    totals=WatchingTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    by_opening=True,
    on_request=True,
)
"""How much of the open time was heard and counted; no services."""

WATCHED_SERVICES = Source(
    name="watched_services",
    timing=Timing.PERIOD,
    totals=WatchingTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    by_opening=True,
    on_request=True,
)
"""The same with the service times of hours in which a camera counted, from every such hour."""
