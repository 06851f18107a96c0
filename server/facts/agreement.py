"""Visits that cameras counted beside tickets that were served, a pair a counter and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTotals:
    """Pairs of counts, their differences (visits less tickets) and the differences' squares."""

    pairs: int = 0
    difference: int = 0
    difference_squared: int = 0
    tickets: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            pairs=self.pairs + other.pairs,
            difference=self.difference + other.difference,
            difference_squared=self.difference_squared + other.difference_squared,
            tickets=self.tickets + other.tickets,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        pairs, difference, difference_squared, tickets, last = row
        return cls(
            pairs=pairs,
            difference=difference,
            difference_squared=difference_squared,
            tickets=tickets,
            newest=last,
        )


AGREEMENT = Source(
    name="agreement",
    timing=Timing.PERIOD,
    totals=AgreementTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    on_request=True,
)
