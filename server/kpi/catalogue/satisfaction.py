"""What citizens said: ratings by the five official levels."""

from __future__ import annotations

from contract.readings import KpiFamily, Measure
from server.facts.ratings import RATINGS, RatingTotals
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, estimated, too_few
from server.kpi.statistics import SHARE_MINIMUM_N, wilson

SATISFIED_FROM = 4
"""Scores 4 (satisfied) and 5 (very satisfied) count as satisfied."""


def count_ratings(_kpi: Kpi[RatingTotals], totals: RatingTotals, _moment: Moment) -> Result:
    """Count ratings; no data, rather than zero, where no device sent anything in the period."""
    n = sum(totals.by_score)
    if n == 0 and totals.last_seen is None:
        return NO_DATA
    return Result(
        n=n,
        value=float(n),
        parts={str(score): float(count) for score, count in enumerate(totals.by_score, 1)},
        observed_at=totals.newest or totals.last_seen,
    )


def share_satisfied(kpi: Kpi[RatingTotals], totals: RatingTotals, _moment: Moment) -> Result:
    """Return the share of scores 4 and 5 with its Wilson interval."""
    n = sum(totals.by_score)
    if n < kpi.minimum_n:
        return too_few(n, totals.newest)
    satisfied = sum(totals.by_score[SATISFIED_FROM - 1 :])
    return estimated(wilson(satisfied, n), n, totals.newest)


KPIS = (
    Kpi(
        id="ratings",
        version=2,
        family=KpiFamily.OFFICIAL,
        measure=Measure.COUNT,
        source=RATINGS,
        compute=count_ratings,
    ),
    Kpi(
        id="share_satisfied",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=RATINGS,
        compute=share_satisfied,
        minimum_n=SHARE_MINIMUM_N,
    ),
)
