"""What officers did beside what is expected of the same work; never from anybody's face."""

from __future__ import annotations

import math

from contract.readings import Direction, KpiFamily, Measure
from server.facts.expressions import ANONYMITY_FLOOR
from server.facts.officer_attitude import OFFICER_ATTITUDE, OfficerAttitudeTotals
from server.facts.officer_prompts import OFFICER_PROMPTS, OfficerPromptTotals
from server.facts.officer_satisfaction import OFFICER_SATISFACTION, OfficerSatisfactionTotals
from server.facts.officer_service import OFFICER_SERVICE, OfficerServiceTotals
from server.kpi.computations import share
from server.kpi.definition import Kpi, Moment, Result, too_few
from server.kpi.statistics import SHARE_MINIMUM_N, Z_95, difference, wilson


def service_ratio(
    kpi: Kpi[OfficerServiceTotals], totals: OfficerServiceTotals, _moment: Moment
) -> Result:
    """Return 100 x observed / expected seconds of the visits that others' work is comparable to.

    The interval is normal on the logarithm, its variance that of the expected seconds over their
    square (delta method). n counts the compared visits; `parts` also all complete ones.
    """
    n = totals.compared
    if n < kpi.minimum_n or totals.expected_s <= 0 or totals.observed_s <= 0:
        return too_few(n, totals.newest)
    ratio = totals.observed_s / totals.expected_s
    half = Z_95 * math.sqrt(totals.variance) / totals.expected_s
    return Result(
        n=n,
        value=100 * ratio,
        low=100 * ratio * math.exp(-half),
        high=100 * ratio * math.exp(half),
        parts={
            "expected_s": totals.expected_s / n,
            "observed_s": totals.observed_s / n,
            "visits": float(totals.visits),
        },
        observed_at=totals.newest,
    )


_EDGE = 1e-6
"""At 0 and 1 log odds have no bound; norms keep shares away from them."""


def shrunken_satisfaction(
    kpi: Kpi[OfficerSatisfactionTotals], totals: OfficerSatisfactionTotals, _moment: Moment
) -> Result:
    """Return the share satisfied, drawn within each family towards that of all its officers.

    Posterior means of the beta-binomial model weighted by ratings, with their normal interval on
    the scale of log odds: Casella (1985), The American Statistician 39, 83-87. Families that fewer
    than three officers serve have no norm and are left out; `parts.alone` is their share of the
    ratings, `parts.expected` what officers of the same families are rated.
    """
    n = mean = variance = expected = alone = 0.0
    for own in totals.families.values():
        if own.alpha is None or own.beta is None:
            alone += own.ratings
            continue
        whole = own.ratings + own.alpha + own.beta
        posterior = (own.satisfied + own.alpha) / whole
        n += own.ratings
        mean += own.ratings * posterior
        expected += own.ratings * own.alpha / (own.alpha + own.beta)
        variance += own.ratings**2 * posterior * (1 - posterior) / (whole + 1)
    if n < kpi.minimum_n:
        return too_few(int(n), totals.newest)
    value = mean / n
    near = min(1 - _EDGE, max(_EDGE, value))
    half = min(30.0, Z_95 * math.sqrt(variance) / n / (near * (1 - near)))
    odds = math.log(near / (1 - near))
    return Result(
        n=int(n),
        value=value,
        low=min(value, 1 / (1 + math.exp(half - odds))),
        high=max(value, 1 / (1 + math.exp(-half - odds))),
        parts={"expected": expected / n, "alone": alone / (n + alone)},
        observed_at=totals.newest,
    )


def prompt_discipline(
    kpi: Kpi[OfficerPromptTotals], totals: OfficerPromptTotals, _moment: Moment
) -> Result:
    """Return by how many points the rate of requests after long visits differs from others'.

    n is that of the smaller group.
    """
    n = min(totals.hard, totals.other)
    if n < kpi.minimum_n:
        return too_few(n, totals.newest)
    hard = wilson(totals.hard_asked, totals.hard)
    other = wilson(totals.other_asked, totals.other)
    less = difference(hard, other)
    return Result(
        n=n,
        value=100 * less.value,
        low=100 * less.low,
        high=100 * less.high,
        parts={"hard": hard.value, "other": other.value},
        observed_at=totals.newest,
    )


def attitude_share(
    kpi: Kpi[OfficerAttitudeTotals], totals: OfficerAttitudeTotals, _moment: Moment
) -> Result:
    """Return the share of ratings of 1 to 3 that named the attitude."""
    return share(kpi, totals.named, totals.asked, totals.newest)


KPIS = (
    Kpi(
        id="officer_service_ratio",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.INDEX,
        source=OFFICER_SERVICE,
        compute=service_ratio,
        minimum_n=SHARE_MINIMUM_N,
        formula="100 Σs/ΣE; E = others' mean of family and hour; log-normal",
        reference="Agresti (2013), Categorical Data Analysis, 3rd edition, section 3.1",
    ),
    Kpi(
        id="officer_satisfaction",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=OFFICER_SATISFACTION,
        compute=shrunken_satisfaction,
        minimum_n=ANONYMITY_FLOOR,
        direction=Direction.HIGHER,
        formula="Σ n (k + α)/(n + α + β) / Σ n over families",
        reference="Casella (1985), The American Statistician 39, 83-87",
    ),
    Kpi(
        id="officer_prompt_discipline",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.INDEX,
        source=OFFICER_PROMPTS,
        compute=prompt_discipline,
        minimum_n=ANONYMITY_FLOOR,
        formula="100 (asked/long - asked/other); Newcombe",
        reference="Newcombe (1998), Statistics in Medicine 17, 873-890",
    ),
    Kpi(
        id="officer_attitude",
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=Measure.SHARE,
        source=OFFICER_ATTITUDE,
        compute=attitude_share,
        minimum_n=ANONYMITY_FLOOR,
        direction=Direction.LOWER,
        formula="named/asked, ratings of 1 to 3; Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
)
