"""Complaints: received, answered, published, and what was open at the end of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Mark, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintTotals:
    """Counts of complaints at the unit that answers them.

    `in_time` are those among `ended`; `publishing` the resolved ones that are published or should
    be, `published_in_time` those among them; `satisfied` those among `satisfaction_told`. `open`
    and `overdue` are stocks at the end of the period, or now. `attitude` are those received that
    are about the staff's attitude. `known`: any was ever known.
    """

    received: int = 0
    ended: int = 0
    in_time: int = 0
    publishing: int = 0
    published_in_time: int = 0
    satisfaction_told: int = 0
    satisfied: int = 0
    open: int = 0
    overdue: int = 0
    attitude: int = 0
    known: bool = False
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        return type(self)(
            **counts, known=self.known or other.known, newest=newest(self.newest, other.newest)
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the counts, newest."""
        *counts, last = row
        return cls(**dict(zip(_COUNTS, counts, strict=True)), known=True, newest=last)


_COUNTS = tuple(field.name for field in fields(ComplaintTotals) if field.type == "int")

COMPLAINTS = Source(
    name="complaints",
    timing=Timing.PERIOD,
    totals=ComplaintTotals,
    dimensions=frozenset({Dimension.FAMILY, Dimension.PROCEDURE, Dimension.OFFICER}),
    has_versions=True,
    mark=Mark.COMPLAINTS,
)
