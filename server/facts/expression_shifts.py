"""How citizens' expressions changed over their visits, by half day and in whole groups of ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest


class Shift(StrEnum):
    """Half a local day, before noon and after; a visit belongs to the one in which it ended."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionShiftTotals:
    """Visits of whole groups of ANONYMITY_FLOOR of a unit's shift that is over, of those in which
    a change was seen.

    `change` is the sum over visits of positive less negative in their last third less that in the
    first, -2 to 2 each. `unhappy` were more negative than positive on the whole; `asked` were
    asked for a rating. `seen` counts also those in no whole group, `few` those of shifts in which
    one or two officers served: they are among no others.
    """

    few: int = 0
    seen: int = 0
    visits: int = 0
    change: float = 0.0
    change_squared: float = 0.0
    unhappy: int = 0
    unhappy_asked: int = 0
    other_asked: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            few=self.few + other.few,
            seen=self.seen + other.seen,
            visits=self.visits + other.visits,
            change=self.change + other.change,
            change_squared=self.change_squared + other.change_squared,
            unhappy=self.unhappy + other.unhappy,
            unhappy_asked=self.unhappy_asked + other.unhappy_asked,
            other_asked=self.other_asked + other.other_asked,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        few, seen, visits, change, squared, unhappy, unhappy_asked, other_asked, last = row
        return cls(
            few=few,
            seen=seen,
            visits=visits,
            change=change,
            change_squared=squared,
            unhappy=unhappy,
            unhappy_asked=unhappy_asked,
            other_asked=other_asked,
            newest=last,
        )


EXPRESSION_SHIFTS = Source(
    name="expression_shifts",
    timing=Timing.PERIOD,
    totals=ExpressionShiftTotals,
    dimensions=frozenset({Dimension.SHIFT}),
    on_request=True,
)
