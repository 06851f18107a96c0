"""Officers' ratings by family of procedures, beside what officers of that family are rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from contract.readings import Timing
from server.facts.officer_service import BY_OFFICER
from server.facts.sources import Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedFamily:
    """Ratings in one family, and the norm Beta(alpha, beta); None where too few others serve."""

    satisfied: int
    ratings: int
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerSatisfactionTotals:
    """Ratings by family of procedures, '' where it is not known."""

    families: Mapping[str, RatedFamily] = field(default_factory=lambda: MappingProxyType({}))
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        merged = dict(self.families)
        for family, own in other.families.items():
            known = merged.get(family)
            merged[family] = own if known is None else replace(
                own,
                satisfied=own.satisfied + known.satisfied,
                ratings=own.ratings + known.ratings,
            )  # fmt: skip
        return type(self)(
            families=MappingProxyType(merged), newest=newest(self.newest, other.newest)
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in arrays with a member a family, then newest."""
        *columns, last = row
        families = {
            family: RatedFamily(satisfied=satisfied, ratings=ratings, alpha=alpha, beta=beta)
            for family, satisfied, ratings, alpha, beta in zip(*columns, strict=True)
        }
        return cls(families=MappingProxyType(families), newest=last)


OFFICER_SATISFACTION = Source(
    name="officer_satisfaction",
    timing=Timing.PERIOD,
    totals=OfficerSatisfactionTotals,
    dimensions=BY_OFFICER,
    on_request=True,
)
