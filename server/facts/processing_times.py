"""How long dossiers took, by when they were received; those that are open are part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from contract.readings import Timing
from server.facts.dossiers import TOLD_OF_DOSSIERS
from server.facts.histograms import EMPTY, Histogram
from server.facts.sources import Mark, Source

SECONDS_A_DAY = 8 * 3600
"""The bins hold working days of eight hours in seconds."""

_NOBODY: Mapping[date, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingTotals:
    """Dossiers received in the period: `done` by how long they took, `lost` by when they were
    withdrawn, and `open` by the day of receipt.
    """

    done: Histogram = EMPTY
    lost: Histogram = EMPTY
    open: Mapping[date, int] = field(default_factory=lambda: _NOBODY)

    def __add__(self, other: Self) -> Self:
        return type(self)(
            done=self.done + other.done,
            lost=self.lost + other.lost,
            open=_together(self.open, other.open),
        )

    @property
    def n(self) -> int:
        """How many dossiers there are."""
        return self.done.n + self.lost.n + sum(self.open.values())

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in bins, done, lost, days of receipt, open."""
        bins, done, lost, days, still = row
        return cls(
            done=_histogram(bins, done),
            lost=_histogram(bins, lost),
            open=MappingProxyType(dict(zip(days or (), still or (), strict=True))),
        )


PROCESSING_TIMES = Source(
    name="processing_times",
    timing=Timing.PERIOD,
    totals=ProcessingTotals,
    dimensions=TOLD_OF_DOSSIERS,
    has_versions=True,
    mark=Mark.DOSSIERS,
)


def _together(one: Mapping[date, int], other: Mapping[date, int]) -> Mapping[date, int]:
    if not one or not other:
        return one or other
    merged = dict(one)
    for day, count in other.items():
        merged[day] = merged.get(day, 0) + count
    return MappingProxyType(merged)


def _histogram(bins: Sequence[int] | None, counts: Sequence[int] | None) -> Histogram:
    pairs = zip(bins or (), counts or (), strict=True)
    told = [(index, count) for index, count in pairs if count]
    return Histogram.of([index for index, _ in told], [count for _, count in told])
