"""How many of those who came were asked for a rating, and how many gave one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTotals:
    """Visits, requests for ratings by their steps, and ratings; `satisfied` are scores 4 and 5."""

    visits: int = 0
    shown: int = 0
    answered: int = 0
    skipped: int = 0
    timed_out: int = 0
    ratings: int = 0
    satisfied: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            visits=self.visits + other.visits,
            shown=self.shown + other.shown,
            answered=self.answered + other.answered,
            skipped=self.skipped + other.skipped,
            timed_out=self.timed_out + other.timed_out,
            ratings=self.ratings + other.ratings,
            satisfied=self.satisfied + other.satisfied,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        visits, shown, answered, skipped, timed_out, ratings, satisfied, last = row
        return cls(
            visits=visits,
            shown=shown,
            answered=answered,
            skipped=skipped,
            timed_out=timed_out,
            ratings=ratings,
            satisfied=satisfied,
            newest=last,
        )


RESPONSES = Source(
    name="responses",
    timing=Timing.PERIOD,
    totals=ResponseTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
