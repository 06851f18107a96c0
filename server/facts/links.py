"""How many ratings are known to be of an officer and of a family of procedures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTotals:
    """Ratings, and those without an officer, without a family, and without one of the two."""

    ratings: int = 0
    without_officer: int = 0
    without_family: int = 0
    unlinked: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            ratings=self.ratings + other.ratings,
            without_officer=self.without_officer + other.without_officer,
            without_family=self.without_family + other.without_family,
            unlinked=self.unlinked + other.unlinked,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        ratings, without_officer, without_family, unlinked, last = row
        return cls(
            ratings=ratings,
            without_officer=without_officer,
            without_family=without_family,
            unlinked=unlinked,
            newest=last,
        )


LINKS = Source(
    name="links",
    timing=Timing.PERIOD,
    totals=LinkTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    has_levels=True,
)
