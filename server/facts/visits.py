"""Visits, and when a camera last counted people: it tells zero visits from no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTotals:
    """Visits that ended; `last_counted` is when a camera last counted anybody or nobody."""

    visits: int = 0
    newest: datetime | None = None
    last_counted: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            visits=self.visits + other.visits,
            newest=newest(self.newest, other.newest),
            last_counted=newest(self.last_counted, other.last_counted),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in visits, newest, last_counted."""
        visits, last, last_counted = row
        return cls(visits=visits, newest=last, last_counted=last_counted)


VISITS = Source(
    name="visits", timing=Timing.PERIOD, totals=VisitTotals, dimensions=AT_COUNTERS, has_levels=True
)
