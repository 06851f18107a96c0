"""How long people waited at a unit while nobody was called or served there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedTotals:
    """Seconds in which at least one waited, and those of them in which nobody was attended to."""

    waits: int = 0
    waiting_s: float = 0.0
    unserved_s: float = 0.0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            waits=self.waits + other.waits,
            waiting_s=self.waiting_s + other.waiting_s,
            unserved_s=self.unserved_s + other.unserved_s,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        waits, waiting_s, unserved_s, last = row
        return cls(waits=waits, waiting_s=waiting_s, unserved_s=unserved_s, newest=last)


UNSERVED = Source(
    name="unserved",
    timing=Timing.PERIOD,
    totals=UnservedTotals,
    dimensions=UNIT_ALONE,
    has_levels=True,
    on_request=True,
)
