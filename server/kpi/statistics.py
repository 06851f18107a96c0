"""Estimates with their 95 % intervals, each with the source of its formula."""

from __future__ import annotations

import math
from dataclasses import dataclass

from server.facts.histograms import Histogram

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""

SHARE_MINIMUM_N = 30
"""Below 30 answers a share's interval is wider than 35 points and misleads."""

MEDIAN_MINIMUM_N = 6
"""With five values even [smallest, largest] covers the median in only 93.75 % of samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(successes: int, n: int) -> Estimate:
    """Return successes / n with its score interval; n must be positive.

    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 209-212.
    """
    share = successes / n
    spread = Z_95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At 0 and n the bound is exact; rounding must not push it past the share.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(value=share, low=low, high=high)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Return one share less another, with the interval that joins their Wilson intervals.

    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    value = one.value - other.value
    return Estimate(
        value=value,
        low=value - math.hypot(one.value - one.low, other.high - other.value),
        high=value + math.hypot(one.high - one.value, other.value - other.low),
    )


def median(values: Histogram) -> Estimate:
    """Return the median with a distribution-free interval of order statistics; at least six values.

    The interval [x(l), x(n+1-l)] has the largest l with P(Binomial(n, 1/2) < l) <= 2.5 %: David
    and Nagaraja (2003), Order Statistics, 3rd edition, section 7.1. All three are within the
    histogram's relative error.
    """
    n = values.n
    if n < MEDIAN_MINIMUM_N:
        raise ValueError(f"the median's interval needs {MEDIAN_MINIMUM_N} values, not {n}")
    rank = _median_rank(n)
    lower, upper, low, high = values.values_at((n + 1) // 2, n // 2 + 1, rank, n + 1 - rank)
    return Estimate(value=(lower + upper) / 2, low=low, high=high)


def quantile(values: Histogram, share: float) -> Estimate:
    """Return the quantile `share` with a distribution-free interval of order statistics.

    The value is the order statistic of rank ⌈share·n⌉, the bounds those of ranks
    ⌈share·n ± z·√(n·share·(1 - share))⌉: Conover (1999), Practical Nonparametric Statistics, 3rd
    edition, section 3.2, for n above 20. All are within the histogram's relative error. Raises
    ValueError for no values.
    """
    n = values.n
    if n == 0:
        raise ValueError("no values have no quantile")
    half = Z_95 * math.sqrt(n * share * (1 - share))
    ranks = (share * n, share * n - half, share * n + half)
    middle, lowest, highest = values.values_at(*(min(n, max(1, math.ceil(r))) for r in ranks))
    return Estimate(value=middle, low=lowest, high=highest)


def mean_share(total: float, total_of_squares: float, n: int) -> Estimate:
    """Return the mean of n shares with its normal interval, kept within 0..1; n at least 2.

    The interval is mean ± z·s/√n with the sample's standard deviation s (central limit theorem).
    """
    mean = total / n
    variance = max(0.0, (total_of_squares - n * mean * mean) / (n - 1))
    half = Z_95 * math.sqrt(variance / n)
    return Estimate(value=mean, low=max(0.0, mean - half), high=min(1.0, mean + half))


def _median_rank(n: int) -> int:
    """Return the largest l with P(Binomial(n, 1/2) < l) <= 2.5 %.

    Summed from ten standard deviations below the middle: what lies below that is under 1e-22.
    """
    start = max(0, int(n / 2 - 5 * math.sqrt(n)))
    log_ways = math.lgamma(n + 1) - math.lgamma(start + 1) - math.lgamma(n - start + 1)
    probability = math.exp(log_ways - n * math.log(2))
    below, count = 0.0, start
    while below + probability <= 0.025:
        below += probability
        probability *= (n - count) / (count + 1)
        count += 1
    return count
