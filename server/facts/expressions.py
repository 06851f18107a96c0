"""Expressions of visitors, told only in whole groups so that no difference speaks of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest

ANONYMITY_FLOOR = 10
"""k: expressions are told only for whole groups of this many visits to one unit on one day.

So no figure, and no difference between two figures or between a total and its parts, rests on
fewer people: not that of two moments, nor that of a province and its units. The database keeps
groups of this size: another number needs a migration.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionTotals:
    """Sums of the mixes of each day's first visits, in whole groups of ANONYMITY_FLOOR a unit.

    `seen` counts all visits with a mix, also those that are not in a whole group yet.
    """

    seen: int = 0
    visits: int = 0
    negative: float = 0.0
    neutral: float = 0.0
    positive: float = 0.0
    positive_squared: float = 0.0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            seen=self.seen + other.seen,
            visits=self.visits + other.visits,
            negative=self.negative + other.negative,
            neutral=self.neutral + other.neutral,
            positive=self.positive + other.positive,
            positive_squared=self.positive_squared + other.positive_squared,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        seen, visits, negative, neutral, positive, positive_squared, last = row
        return cls(
            seen=seen,
            visits=visits,
            negative=negative,
            neutral=neutral,
            positive=positive,
            positive_squared=positive_squared,
            newest=last,
        )


EXPRESSIONS = Source(
    name="expressions", timing=Timing.PERIOD, totals=ExpressionTotals, dimensions=UNIT_ALONE
)
