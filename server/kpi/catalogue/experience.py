"""What all visits are estimated to have felt; it carries no weight in any legal class."""

from __future__ import annotations

import math

from contract.readings import Direction, KpiFamily, Measure
from server.facts.experience import EXPERIENCE, ExperienceTotals
from server.kpi.definition import Kpi, Moment, Result, too_few
from server.kpi.statistics import SHARE_MINIMUM_N, Estimate

Z_90 = 1.6448536269514722
"""The 95 % quantile of the standard normal distribution."""


def experience_index(
    kpi: Kpi[ExperienceTotals], totals: ExperienceTotals, _moment: Moment
) -> Result:
    """Estimate the share of satisfied visits in percent, with its 90 % interval.

    Rated visits count as they were rated, silent ones by what is expected of them; n counts both.
    `parts` hold the share that was rated, the index with silent visits made worse and better, the
    bounds with all of them dissatisfied or satisfied, and the weight of expressions.
    """
    n = totals.visits
    if n < kpi.minimum_n or n == 0:
        return too_few(n or totals.unlearnt, totals.newest)
    estimate = estimate_index(totals)
    silent = n - totals.rated
    parts = {
        "rated": totals.rated / n,
        "worse": _bounded(totals.satisfied + totals.worse + totals.effect, n),
        "better": _bounded(totals.satisfied + totals.better + totals.effect, n),
        "least": 100 * totals.satisfied / n,
        "most": 100 * (totals.satisfied + silent) / n,
        "faces": totals.faces_share,
    }
    return Result(
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        parts=parts,
        observed_at=totals.newest,
        since=totals.since,
    )


def estimate_index(totals: ExperienceTotals) -> Estimate:
    """Return the index, 0..100, with its 90 % interval; there must be visits.

    The interval is normal on the scale of log odds, so that it stays within 0..100: Agresti (2013),
    Categorical Data Analysis, 3rd edition, section 3.1. Silent visits that nobody can hear keep
    it open at 0 and 100; without any it has no width.
    """
    n = totals.visits
    value = _bounded(totals.satisfied + totals.expected + totals.effect, n)
    doubt = math.sqrt(totals.doubt) / n
    if doubt == 0:
        return Estimate(value=value, low=value, high=value)
    edge = 0.5 / (n + 1)
    share = min(1 - edge, max(edge, value / 100))
    odds, half = math.log(share / (1 - share)), Z_90 * doubt / (share * (1 - share))
    low, high = (100 / (1 + math.exp(-bound)) for bound in (odds - half, odds + half))
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def _bounded(satisfied: float, n: int) -> float:
    return 100 * min(1.0, max(0.0, satisfied / n))


KPIS = (
    Kpi(
        id="experience_index",
        version=1,
        family=KpiFamily.EXPERIENCE,
        measure=Measure.INDEX,
        source=EXPERIENCE,
        compute=experience_index,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="100 (Σ_rated y + Σ_silent (m(x) + δ)) / N; 90 %",
        reference="Kang and Schafer (2007), Statistical Science 22, 523-539",
    ),
)
