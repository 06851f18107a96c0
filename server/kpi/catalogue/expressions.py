"""What faces showed; it carries no weight in any legal class."""

from __future__ import annotations

import math

from contract.readings import Guard, KpiFamily, Measure, Withheld
from server.facts.expression_shifts import EXPRESSION_SHIFTS, ExpressionShiftTotals
from server.facts.expressions import ANONYMITY_FLOOR, EXPRESSIONS, ExpressionTotals
from server.kpi.definition import Kpi, Moment, Result
from server.kpi.statistics import SHARE_MINIMUM_N, Z_95, difference, mean_share, wilson


def expression_mix(kpi: Kpi[ExpressionTotals], totals: ExpressionTotals, _moment: Moment) -> Result:
    """Average the visits' expression mixes; the value and its interval are the positive share.

    n counts the visits told of, in whole groups of ANONYMITY_FLOOR.
    """
    n = totals.visits
    if n < kpi.minimum_n:
        reason = Withheld.SMALL_SAMPLE if totals.seen else Withheld.NO_DATA
        return Result(n=n, withheld=reason, observed_at=totals.newest)
    estimate = mean_share(totals.positive, totals.positive_squared, n)
    return Result(
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        parts={
            "negative": totals.negative / n,
            "neutral": totals.neutral / n,
            "positive": totals.positive / n,
        },
        observed_at=totals.newest,
    )


def expression_change(
    kpi: Kpi[ExpressionShiftTotals], totals: ExpressionShiftTotals, _moment: Moment
) -> Result:
    """Return 100 x the visits' mean change of positive less negative, with its normal interval."""
    n = totals.visits
    if n < kpi.minimum_n:
        return _untold(n, totals)
    mean = totals.change / n
    spread = max(0.0, totals.change_squared / n - mean * mean) * n / (n - 1)
    half = Z_95 * math.sqrt(spread / n)
    return Result(
        n=n,
        value=100 * mean,
        low=100 * (mean - half),
        high=100 * (mean + half),
        observed_at=totals.newest,
    )


def prompts_when_unhappy(
    kpi: Kpi[ExpressionShiftTotals], totals: ExpressionShiftTotals, _moment: Moment
) -> Result:
    """Return by how many points the rate of requests after unhappy visits differs from others'.

    n is that of the smaller group; it is told only where the visits are whole groups.
    """
    others = totals.visits - totals.unhappy
    n = min(totals.unhappy, others)
    if n < kpi.minimum_n:
        return _untold(0, totals)
    unhappy = wilson(totals.unhappy_asked, totals.unhappy)
    other = wilson(totals.other_asked, others)
    less = difference(unhappy, other)
    return Result(
        n=n,
        value=100 * less.value,
        low=100 * less.low,
        high=100 * less.high,
        parts={"unhappy": unhappy.value, "other": other.value},
        observed_at=totals.newest,
    )


def _untold(n: int, totals: ExpressionShiftTotals) -> Result:
    if totals.seen:
        reason = Withheld.SMALL_SAMPLE
    else:
        reason = Withheld.FEW_OFFICERS if totals.few else Withheld.NO_DATA
    return Result(n=n, withheld=reason, observed_at=totals.newest)


KPIS = (
    Kpi(
        id="expression_mix",
        version=1,
        family=KpiFamily.EXPERIENCE,
        measure=Measure.MIX,
        source=EXPRESSIONS,
        compute=expression_mix,
        guard=Guard.EXPRESSION,
        live=True,
        minimum_n=max(SHARE_MINIMUM_N, ANONYMITY_FLOOR),
        formula="mean of the mixes; mean ± z s/√n",
    ),
    Kpi(
        id="change_of_expression",
        version=1,
        family=KpiFamily.EXPERIENCE,
        measure=Measure.INDEX,
        source=EXPRESSION_SHIFTS,
        compute=expression_change,
        guard=Guard.EXPRESSION,
        minimum_n=max(SHARE_MINIMUM_N, ANONYMITY_FLOOR),
        formula="100 mean((positive - negative) last third - first third); mean ± z s/√n",
    ),
    Kpi(
        id="prompts_when_unhappy",
        version=1,
        family=KpiFamily.EXPERIENCE,
        measure=Measure.INDEX,
        source=EXPRESSION_SHIFTS,
        compute=prompts_when_unhappy,
        guard=Guard.EXPRESSION,
        minimum_n=ANONYMITY_FLOOR,
        formula="100 (asked/unhappy - asked/other); Newcombe",
        reference="Newcombe (1998), Statistics in Medicine 17, 873-890",
    ),
)
