"""How long complete visits took, as a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTimeTotals:
    """Service times of complete visits in seconds."""

    seconds: Histogram = EMPTY
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            seconds=self.seconds + other.seconds, newest=newest(self.newest, other.newest)
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in bins, counts, newest."""
        bins, counts, last = row
        return cls(seconds=Histogram.of(bins, counts), newest=last)


SERVICE_TIMES = Source(
    name="service_times",
    timing=Timing.PERIOD,
    totals=ServiceTimeTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
