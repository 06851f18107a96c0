"""How long holders of tickets waited, from issue to the first call, as a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWaitTotals:
    """Waits in seconds of tickets that were called, at the counter that called them first."""

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


TICKET_WAITS = Source(
    name="ticket_waits",
    timing=Timing.PERIOD,
    totals=TicketWaitTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
    on_request=True,
)
