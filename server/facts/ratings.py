"""Ratings by score, and when devices last sent anything: it tells zero ratings from no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTotals:
    """Ratings by score, from 1 (very dissatisfied) to 5; `last_seen` is that of any message."""

    by_score: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    newest: datetime | None = None
    last_seen: datetime | None = None

    def __add__(self, other: Self) -> Self:
        one, two, three, four, five = map(sum, zip(self.by_score, other.by_score, strict=True))
        return type(self)(
            by_score=(one, two, three, four, five),
            newest=newest(self.newest, other.newest),
            last_seen=newest(self.last_seen, other.last_seen),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in score_1 … score_5, newest, last_seen."""
        one, two, three, four, five, last, last_seen = row
        return cls(by_score=(one, two, three, four, five), newest=last, last_seen=last_seen)


RATINGS = Source(
    name="ratings",
    timing=Timing.PERIOD,
    totals=RatingTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
