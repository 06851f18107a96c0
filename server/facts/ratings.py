"""Ratings by score, and when devices last sent anything: it tells zero ratings from no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeAlias

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Source, newest

ByScore: TypeAlias = tuple[int, int, int, int, int]
"""Counts of the scores 1 to 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTotals:
    """Ratings by score, from 1 (very dissatisfied) to 5; `last_seen` is that of any message.

    `by_score` are the official ones, `suspect_by_score` those that are doubtful and kept apart.
    """

    by_score: ByScore = (0, 0, 0, 0, 0)
    suspect_by_score: ByScore = (0, 0, 0, 0, 0)
    newest: datetime | None = None
    last_seen: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            by_score=_added(self.by_score, other.by_score),
            suspect_by_score=_added(self.suspect_by_score, other.suspect_by_score),
            newest=newest(self.newest, other.newest),
            last_seen=newest(self.last_seen, other.last_seen),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in score_1 … score_5, newest, last_seen, suspect_1 … suspect_5."""
        one, two, three, four, five, last, last_seen, *doubtful = row
        s_one, s_two, s_three, s_four, s_five = doubtful
        return cls(
            by_score=(one, two, three, four, five),
            suspect_by_score=(s_one, s_two, s_three, s_four, s_five),
            newest=last,
            last_seen=last_seen,
        )


def _added(first: ByScore, second: ByScore) -> ByScore:
    one, two, three, four, five = map(sum, zip(first, second, strict=True))
    return (one, two, three, four, five)


RATINGS = Source(
    name="ratings",
    timing=Timing.PERIOD,
    totals=RatingTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
