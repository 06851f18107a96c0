"""How often citizens who were not satisfied named the officer's attitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.officer_service import BY_OFFICER
from server.facts.sources import Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAttitudeTotals:
    """Ratings of 1 to 3, which are asked why, and those that named the attitude."""

    asked: int = 0
    named: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            asked=self.asked + other.asked,
            named=self.named + other.named,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        asked, named, last = row
        return cls(asked=asked, named=named, newest=last)


OFFICER_ATTITUDE = Source(
    name="officer_attitude",
    timing=Timing.PERIOD,
    totals=OfficerAttitudeTotals,
    dimensions=BY_OFFICER,
    on_request=True,
)
