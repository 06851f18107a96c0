"""Visits, and when a camera counted people: it tells zero visits from no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTotals:
    """Visits that ended; `counted` is when a camera last counted anybody or nobody."""

    visits: int = 0
    newest: datetime | None = None
    counted: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            visits=self.visits + other.visits,
            newest=newest(self.newest, other.newest),
            counted=newest(self.counted, other.counted),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in visits, newest, counted."""
        visits, last, counted = row
        return cls(visits=visits, newest=last, counted=counted)


VISITS = Source(name="visits", timing=Timing.PERIOD, totals=VisitTotals)
