"""Why citizens were not satisfied: how often each reason was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTotals:
    """Ratings of 1 to 3, which are asked for reasons, and how many named each reason."""

    asked: int = 0
    by_reason: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        merged = Counter(self.by_reason)
        merged.update(other.by_reason)
        return type(self)(
            asked=self.asked + other.asked,
            by_reason=MappingProxyType(dict(merged)),
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in asked, reasons, their counts, newest."""
        asked, reasons, counts, last = row
        named = {reason: n for reason, n in zip(reasons, counts, strict=True) if reason}
        return cls(asked=asked, by_reason=MappingProxyType(named), newest=last)


REASONS = Source(
    name="reasons",
    timing=Timing.PERIOD,
    totals=ReasonTotals,
    dimensions=frozenset({Dimension.COUNTER}),
)
