"""The mix of expressions of a period beside that of the ninety days before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Sums of the mixes of `visits` visits, in whole groups as all that is told of expressions."""

    visits: int = 0
    negative: float = 0.0
    neutral: float = 0.0
    positive: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            visits=self.visits + other.visits,
            negative=self.negative + other.negative,
            neutral=self.neutral + other.neutral,
            positive=self.positive + other.positive,
        )

    @property
    def shares(self) -> tuple[float, float, float]:
        """The mean mix: negative, neutral, positive; there must be visits."""
        return self.negative / self.visits, self.neutral / self.visits, self.positive / self.visits


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftTotals:
    """The mix of the period and that before it."""

    now: Mix = Mix()
    before: Mix = Mix()
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            now=self.now + other.now,
            before=self.before + other.before,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in visits, negative, neutral, positive, the same of before, newest."""
        *sums, last = row
        now, before = (
            Mix(visits=visits, negative=negative, neutral=neutral, positive=positive)
            for visits, negative, neutral, positive in (sums[:4], sums[4:])
        )
        return cls(now=now, before=before, newest=last)


EXPRESSION_DRIFT = Source(
    name="expression_drift", timing=Timing.PERIOD, totals=DriftTotals, dimensions=UNIT_ALONE
)
