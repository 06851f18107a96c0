"""How many messages came late, and how many could not be understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTotals:
    """Visits, waits, ratings and requests received, those that were late, and refused messages.

    `quarantined` counts different messages that were refused and could not be read again since.
    """

    received: int = 0
    late: int = 0
    quarantined: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            received=self.received + other.received,
            late=self.late + other.late,
            quarantined=self.quarantined + other.quarantined,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        received, late, quarantined, last = row
        return cls(received=received, late=late, quarantined=quarantined, newest=last)


DELIVERIES = Source(
    name="deliveries",
    timing=Timing.PERIOD,
    totals=DeliveryTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    on_request=True,
)
