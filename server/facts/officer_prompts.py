"""Whether officers ask for ratings after long visits as they do after others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.officer_service import BY_OFFICER
from server.facts.sources import Source, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerPromptTotals:
    """Visits that waited over 15 minutes or took twice the hour's mean, and others, with those
    after which a rating was asked for.
    """

    hard: int = 0
    hard_asked: int = 0
    other: int = 0
    other_asked: int = 0
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            hard=self.hard + other.hard,
            hard_asked=self.hard_asked + other.hard_asked,
            other=self.other + other.other,
            other_asked=self.other_asked + other.other_asked,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the order of the fields."""
        hard, hard_asked, other, other_asked, last = row
        return cls(
            hard=hard, hard_asked=hard_asked, other=other, other_asked=other_asked, newest=last
        )


OFFICER_PROMPTS = Source(
    name="officer_prompts",
    timing=Timing.PERIOD,
    totals=OfficerPromptTotals,
    dimensions=BY_OFFICER,
    on_request=True,
)
