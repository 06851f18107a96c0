"""Mergeable histograms with log-spaced bins: quantiles within 2 % without keeping the values.

Masson, C., Rim, J. E., Lee, H. K. (2019), "DDSketch: a fast and fully-mergeable quantile sketch
with relative-error guarantees", PVLDB 12(12), 2195-2205. With γ = (1 + α)/(1 - α), bin i holds the
values in (γ^(i-1), γ^i]; its value 2 γ^i/(γ + 1) is at most α away from each of them, relatively.
The database's function `log_bin` chooses the bin; bin 0 holds what is at most one second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType
from typing import Self

RELATIVE_ERROR = 0.02
"""α: how far a bin's value may be from a value in it, as a share of that value."""

GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many values lie in each bin."""

    counts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, bins: Sequence[int], counts: Sequence[int]) -> Self:
        """Return the histogram of these bins with these counts."""
        filled = {index: n for index, n in zip(bins, counts, strict=True) if n}
        return cls(counts=MappingProxyType(filled))

    def __add__(self, other: Self) -> Self:
        if not self.counts or not other.counts:
            return self if self.counts else other
        merged = dict(self.counts)
        for index, count in other.counts.items():
            merged[index] = merged.get(index, 0) + count
        return type(self)(counts=MappingProxyType(merged))

    @property
    def n(self) -> int:
        """How many values there are."""
        return sum(self.counts.values())

    def values(self) -> Iterator[tuple[float, int]]:
        """Yield each bin's value with its count, ascending."""
        return ((_value(index), self.counts[index]) for index in sorted(self.counts))

    def values_at(self, *ranks: int) -> tuple[float, ...]:
        """Return the values of these ranks in ascending order; rank 1 is the smallest of n."""
        bins = sorted(self.counts)
        ends = list(accumulate(self.counts[index] for index in bins))
        return tuple(_value(bins[bisect_left(ends, rank)]) for rank in ranks)


EMPTY = Histogram()
"""The histogram of no values."""


def _value(index: int) -> float:
    return float(2 * GAMMA**index / (GAMMA + 1))
