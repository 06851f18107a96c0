"""Intervals against published values and against their own definition."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.facts.histograms import RELATIVE_ERROR, Histogram
from server.kpi.statistics import mean_share, median, wilson
from tests.server.histograms import histogram_of


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3 (score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_agrees_with_published_intervals(successes, n, low, high):
    estimate = wilson(successes, n)
    assert estimate.value == successes / n
    assert estimate.low == pytest.approx(low, abs=5e-5)
    assert estimate.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_its_share_and_stays_within_zero_and_one(case):
    successes, n = case
    estimate = wilson(successes, n)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def one_in_each_bin(n: int) -> Histogram:
    """Return n values of which the bin is the rank."""
    return Histogram.of(range(1, n + 1), [1] * n)


def ranks(estimate, n: int) -> tuple[int, int]:
    """Return the ranks of an interval over `one_in_each_bin`."""
    values = one_in_each_bin(n).values_at(*range(1, n + 1))
    return values.index(estimate.low) + 1, values.index(estimate.high) + 1


@pytest.mark.parametrize(
    ("n", "rank"),
    # Conover (1999), Practical Nonparametric Statistics, table A3 at p = 0.5.
    [(6, 1), (8, 1), (9, 2), (10, 2), (15, 4), (20, 6), (25, 8), (30, 10), (100, 40)],
)
def test_median_interval_has_the_published_ranks(n, rank):
    assert ranks(median(one_in_each_bin(n)), n) == (rank, n + 1 - rank)


@given(st.integers(6, 400))
def test_median_interval_is_the_narrowest_that_covers(n):
    rank, _ = ranks(median(one_in_each_bin(n)), n)

    def below(limit: int) -> float:
        return sum(math.comb(n, k) for k in range(limit)) / 2**n

    assert below(rank) <= 0.025 < below(rank + 1)


@given(st.lists(st.floats(1, 86_400), min_size=6, max_size=300))
def test_median_is_within_the_histograms_error(values):
    told = median(histogram_of(values)).value
    assert told == pytest.approx(statistics.median(values), rel=RELATIVE_ERROR * (1 + 1e-9))


def test_median_of_a_busy_day_is_computed_without_underflow():
    chance = random.Random(7)
    estimate = median(histogram_of(chance.gauss(300, 60) for _ in range(50_000)))
    assert estimate.low <= estimate.value <= estimate.high
    assert estimate.value == pytest.approx(300, rel=RELATIVE_ERROR)


def test_median_of_five_values_is_refused():
    with pytest.raises(ValueError, match="needs 6 values, not 5"):
        median(one_in_each_bin(5))


def test_mean_share_of_equal_shares_has_no_width():
    estimate = mean_share(30 * 0.4, 30 * 0.16, 30)
    assert estimate.value == pytest.approx(0.4)
    assert estimate.high - estimate.low == pytest.approx(0.0, abs=1e-6)


def test_mean_share_interval_stays_within_zero_and_one():
    shares = [0.0] * 29 + [1.0]
    estimate = mean_share(sum(shares), sum(share**2 for share in shares), 30)
    assert estimate.low == 0.0
    assert 1 / 30 < estimate.high < 0.11
