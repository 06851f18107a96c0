"""How KPIs of one kind are computed: counts, shares, medians and quantiles of durations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from server.facts.histograms import Histogram
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, estimated, too_few
from server.kpi.statistics import Estimate, median, quantile, wilson

Compute = Callable[[Kpi[Any], Any, Moment], Result]
"""What computes a KPI from the totals of its source."""


class Dated(Protocol):
    """Totals of something that was observed."""

    @property
    def newest(self) -> datetime | None:
        """When the newest of it was."""


class Known(Dated, Protocol):
    """Totals that tell none from nobody knows."""

    @property
    def known(self) -> bool:
        """Whether there ever was any."""


class Timed(Dated, Protocol):
    """Totals that hold durations in seconds."""

    @property
    def seconds(self) -> Histogram:
        """The durations."""


def share(
    kpi: Kpi[Any],
    hits: int,
    n: int,
    observed_at: datetime | None,
    parts: Mapping[str, float] | None = None,
) -> Result:
    """Return hits / n with its Wilson interval, or what is said of fewer than the least n."""
    if n < max(1, kpi.minimum_n):
        return too_few(n, observed_at)
    told = wilson(hits, n)
    return Result(
        n=n, value=told.value, low=told.low, high=told.high, parts=parts, observed_at=observed_at
    )


def counted(count: str) -> Compute:
    """Return what tells a count of totals that say whether anything was ever `known`."""

    def compute(_kpi: Kpi[Any], totals: Known, _moment: Moment) -> Result:
        if not totals.known:
            return NO_DATA
        n: int = getattr(totals, count)
        return Result(n=n, value=float(n), observed_at=totals.newest)

    return compute


def share_of(part: str, whole: str, aim: str | None = None) -> Compute:
    """Return what computes part / whole; an empty whole is no data, never 0 %.

    `part`, `whole` and `aim` name fields of the totals. `parts.target` is the mean of the units'
    targets, weighted by their cases.
    """

    def compute(kpi: Kpi[Any], totals: Dated, _moment: Moment) -> Result:
        n: int = getattr(totals, whole)
        hits: int = getattr(totals, part)
        aimed: float | None = None if aim is None else getattr(totals, aim)
        parts = None if aimed is None or n == 0 else {"target": aimed / n}
        return share(kpi, hits, n, totals.newest, parts)

    return compute


def median_seconds(kpi: Kpi[Any], totals: Timed, _moment: Moment) -> Result:
    """Return the median of durations, within the histogram's 2 %."""
    return _seconds(kpi, totals, median)


def quantile_seconds(part: float) -> Compute:
    """Return what computes the quantile `part` (0..1) of durations, within 2 %; n above 20."""

    def compute(kpi: Kpi[Any], totals: Timed, _moment: Moment) -> Result:
        return _seconds(kpi, totals, lambda seconds: quantile(seconds, part))

    return compute


def _seconds(kpi: Kpi[Any], totals: Timed, of: Callable[[Histogram], Estimate]) -> Result:
    n = totals.seconds.n
    if n < kpi.minimum_n:
        return too_few(n, totals.newest)
    return estimated(of(totals.seconds), n, totals.newest)
