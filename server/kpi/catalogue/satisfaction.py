"""What citizens said: ratings by the five official levels, and how many said anything."""

from __future__ import annotations

from contract.readings import Direction, Guard, KpiFamily, Measure
from server.facts.doubtful_ratings import DOUBTFUL_RATINGS
from server.facts.ratings import RATINGS, RatingTotals
from server.facts.reasons import REASONS, ReasonTotals
from server.facts.responses import RESPONSES, ResponseTotals
from server.kpi.computations import share
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, too_few
from server.kpi.statistics import SHARE_MINIMUM_N

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
    satisfied = sum(totals.by_score[SATISFIED_FROM - 1 :])
    return share(kpi, satisfied, sum(totals.by_score), totals.newest)


def suspect_share(kpi: Kpi[RatingTotals], totals: RatingTotals, _moment: Moment) -> Result:
    """Return the share of ratings that are doubtful, and both totals side by side.

    `parts` hold the numbers of official and doubtful ratings, and the share satisfied without and
    with the doubtful ones; a share of nothing is missing.
    """
    official, doubtful = sum(totals.by_score), sum(totals.suspect_by_score)
    satisfied = sum(totals.by_score[SATISFIED_FROM - 1 :])
    every_satisfied = satisfied + sum(totals.suspect_by_score[SATISFIED_FROM - 1 :])
    parts = {"official": float(official), "suspect": float(doubtful)}
    if official:
        parts["satisfied_official"] = satisfied / official
    if official + doubtful:
        parts["satisfied_all"] = every_satisfied / (official + doubtful)
    return share(kpi, doubtful, official + doubtful, totals.newest, parts)


def prompt_rate(kpi: Kpi[ResponseTotals], totals: ResponseTotals, _moment: Moment) -> Result:
    """Return requests for ratings over visits, at most 1: one visit may have been asked twice."""
    return share(kpi, min(totals.shown, totals.visits), totals.visits, totals.newest)


def response_rate(kpi: Kpi[ResponseTotals], totals: ResponseTotals, _moment: Moment) -> Result:
    """Return answered requests over requests that were shown."""
    return share(kpi, min(totals.answered, totals.shown), totals.shown, totals.newest)


def satisfaction_bounds(
    kpi: Kpi[ResponseTotals], totals: ResponseTotals, _moment: Moment
) -> Result:
    """Return between which shares satisfaction lies whatever those think who said nothing.

    All silent visits dissatisfied, or all satisfied: Manski (1990), "Nonparametric bounds on
    treatment effects", American Economic Review 80, 319-323. The value is the middle.
    """
    asked = max(totals.visits, totals.ratings)
    if asked < kpi.minimum_n or totals.ratings == 0:
        return too_few(totals.ratings, totals.newest)
    low = totals.satisfied / asked
    high = (totals.satisfied + asked - totals.ratings) / asked
    return Result(n=asked, value=(low + high) / 2, low=low, high=high, observed_at=totals.newest)


def reason_shares(kpi: Kpi[ReasonTotals], totals: ReasonTotals, _moment: Moment) -> Result:
    """Return the share of ratings of 1 to 3 that named each reason; the value is the greatest."""
    if totals.asked < kpi.minimum_n:
        return too_few(totals.asked, totals.newest)
    shares = {reason: min(1.0, n / totals.asked) for reason, n in sorted(totals.by_reason.items())}
    return Result(
        n=totals.asked,
        value=max(shares.values(), default=0.0),
        parts=shares,
        observed_at=totals.newest,
    )


KPIS = (
    Kpi(
        id="ratings",
        version=3,
        family=KpiFamily.OFFICIAL,
        measure=Measure.COUNT,
        source=RATINGS,
        compute=count_ratings,
        guard=Guard.OPINION,
        live=True,
    ),
    Kpi(
        id="share_satisfied",
        version=2,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=RATINGS,
        compute=share_satisfied,
        guard=Guard.OPINION,
        live=True,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="k/n, k = scores 4 and 5; Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
    Kpi(
        id="suspect_share",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=DOUBTFUL_RATINGS,
        compute=suspect_share,
        minimum_n=SHARE_MINIMUM_N,
        guard=Guard.OPINION,
        direction=Direction.LOWER,
        formula="doubtful/(official + doubtful); Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
    Kpi(
        id="prompt_rate",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=RESPONSES,
        compute=prompt_rate,
        guard=Guard.SERVICE,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="shown/visits; Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
    Kpi(
        id="response_rate",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=RESPONSES,
        compute=response_rate,
        guard=Guard.SERVICE,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="answered/shown; Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
    Kpi(
        id="satisfaction_bounds",
        version=2,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=RESPONSES,
        compute=satisfaction_bounds,
        guard=Guard.OPINION,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="[k/N, (k + N - n)/N]; k satisfied, n ratings, N visits",
        reference="Manski (1990), American Economic Review 80, 319-323",
    ),
    Kpi(
        id="reasons",
        version=2,
        family=KpiFamily.OFFICIAL,
        measure=Measure.MIX,
        source=REASONS,
        compute=reason_shares,
        guard=Guard.OPINION,
        minimum_n=SHARE_MINIMUM_N,
        formula="ratings naming the reason / ratings of 1 to 3",
    ),
)
