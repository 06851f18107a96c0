"""What faces showed; it carries no weight in any legal class."""

from __future__ import annotations

from contract.readings import Guard, KpiFamily, Measure, Withheld
from server.facts.expressions import ANONYMITY_FLOOR, EXPRESSIONS, ExpressionTotals
from server.kpi.definition import Kpi, Moment, Result
from server.kpi.statistics import SHARE_MINIMUM_N, mean_share


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
)
