"""Durations as a histogram: what several sources have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import newest


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationTotals:
    """Durations in seconds; each source says of what."""

    seconds: Histogram = EMPTY
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            seconds=self.seconds + other.seconds, newest=newest(self.newest, other.newest)
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in bins, counts, newest."""
        bins, counts, last = row
        return cls(seconds=Histogram.of(bins, counts), newest=last)
