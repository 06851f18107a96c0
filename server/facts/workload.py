"""Dossiers received beside the officers who had a post where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadTotals:
    """Dossiers of the units that have officers, and their officers' days in post.

    `aimed` is what the decision asks of these officers in these days, None where no target is set.
    """

    received: int = 0
    officer_days: int = 0
    aimed: float | None = None
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        aims = [aim for aim in (self.aimed, other.aimed) if aim is not None]
        return type(self)(
            received=self.received + other.received,
            officer_days=self.officer_days + other.officer_days,
            aimed=sum(aims) if aims else None,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in received, officer_days, the target a year, newest."""
        received, officer_days, target, last = row
        aimed = None if target is None else target * officer_days / DAYS_A_YEAR
        return cls(received=received, officer_days=officer_days, aimed=aimed, newest=last)


WORKLOAD = Source(
    name="workload",
    timing=Timing.PERIOD,
    totals=WorkloadTotals,
    dimensions=UNIT_ALONE,
    has_versions=True,
)
