"""How long officers' visits took beside what others took for the same work at the same hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source, newest

BY_OFFICER = frozenset({Dimension.OFFICER})
"""What is known of officers alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerServiceTotals:
    """Complete visits, and those `compared`: what they took and what others took, in seconds.

    `variance` is that of the seconds expected, of the visits' own chance and of the others' mean.
    """

    visits: int = 0
    compared: int = 0
    observed_s: float = 0.0
    expected_s: float = 0.0
    variance: float = 0.0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            visits=self.visits + other.visits,
            compared=self.compared + other.compared,
            observed_s=self.observed_s + other.observed_s,
            expected_s=self.expected_s + other.expected_s,
            variance=self.variance + other.variance,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        visits, compared, observed_s, expected_s, variance, last = row
        return cls(
            visits=visits,
            compared=compared,
            observed_s=observed_s,
            expected_s=expected_s,
            variance=variance,
            newest=last,
        )


OFFICER_SERVICE = Source(
    name="officer_service",
    timing=Timing.PERIOD,
    totals=OfficerServiceTotals,
    dimensions=BY_OFFICER,
    on_request=True,
)
