"""Who served in each cell, as numbers without a name: fewer than three officers name one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import AT_COUNTERS, Dimension, Source

FEWEST_OFFICERS = 3
"""An opinion or service figure of fewer officers names one: the second knows the first's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingTotals:
    """Numbers that stand for officers, at most FEWEST_OFFICERS of each row: more is not asked."""

    people: frozenset[int] = frozenset()

    def __add__(self, other: Self) -> Self:
        return type(self)(people=self.people | other.people)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in people."""
        (people,) = row
        return cls(people=frozenset(people))

    @property
    def names_one(self) -> bool:
        """Whether so few served that a figure names them; where nobody is known, it does not."""
        return 0 < len(self.people) < FEWEST_OFFICERS


SERVING = Source(
    name="serving",
    timing=Timing.PERIOD,
    totals=ServingTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
"""Who was on duty at counters."""

DECIDING = Source(
    name="deciding",
    timing=Timing.PERIOD,
    totals=ServingTotals,
    dimensions=frozenset({Dimension.FAMILY, Dimension.PROCEDURE, Dimension.CHANNEL}),
)
"""Who decided on the dossiers that ended."""

ANSWERING = Source(
    name="answering",
    timing=Timing.PERIOD,
    totals=ServingTotals,
    dimensions=frozenset({Dimension.FAMILY, Dimension.PROCEDURE}),
)
"""Who answered the complaints that ended."""
