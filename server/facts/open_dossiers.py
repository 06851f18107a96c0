"""Dossiers that are open at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from contract.readings import Timing
from server.facts.dossiers import TOLD_OF_DOSSIERS
from server.facts.sources import Mark, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTotals:
    """Open dossiers at the unit that resolves them: late ones, those due within three working days,
    and those that wait for the citizen.
    """

    open: int = 0
    overdue: int = 0
    due_soon: int = 0
    waiting: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            open=self.open + other.open,
            overdue=self.overdue + other.overdue,
            due_soon=self.due_soon + other.due_soon,
            waiting=self.waiting + other.waiting,
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        open_, overdue, due_soon, waiting = row
        return cls(open=open_, overdue=overdue, due_soon=due_soon, waiting=waiting)


OPEN_DOSSIERS = Source(
    name="open_dossiers",
    timing=Timing.NOW,
    totals=OpenTotals,
    dimensions=TOLD_OF_DOSSIERS,
    mark=Mark.DOSSIERS,
)
