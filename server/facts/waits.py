"""How long people waited until they were served, as a histogram, and how many left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTotals:
    """Waits in seconds of those served; `within_15` and `within_30` are exact, in minutes."""

    seconds: Histogram = EMPTY
    within_15: int = 0
    within_30: int = 0
    abandoned: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            seconds=self.seconds + other.seconds,
            within_15=self.within_15 + other.within_15,
            within_30=self.within_30 + other.within_30,
            abandoned=self.abandoned + other.abandoned,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in bins, counts, within_15, within_30, abandoned, newest."""
        bins, counts, within_15, within_30, abandoned, last = row
        return cls(
            seconds=Histogram.of(bins, counts),
            within_15=within_15,
            within_30=within_30,
            abandoned=abandoned,
            newest=last,
        )


WAITS = Source(
    name="waits", timing=Timing.PERIOD, totals=WaitTotals, dimensions=AT_COUNTERS, has_levels=True
)
