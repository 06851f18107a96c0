"""Shares of simulated tables with their intervals, and what is said where a claim fails."""

from __future__ import annotations

from scipy.stats import binom

from server.kpi.statistics import wilson


def written(successes: int, n: int) -> str:
    """Return a share in per cent with its 95 % interval."""
    found = wilson(successes, n)
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%}), {successes:,} of {n:,}"


def require_at_most(successes: int, n: int, most: float, what: str) -> None:
    """Raise AssertionError where chance alone would pass `most` so far once in a thousand."""
    limit = binom.ppf(0.999, n, most)
    assert successes <= limit, f"{what}: {written(successes, n)}, at most {most:.0%}"


def require_at_least(successes: int, n: int, least: float, what: str) -> None:
    """Raise AssertionError where chance alone would miss `least` so far once in a thousand."""
    limit = binom.ppf(0.001, n, least)
    assert successes >= limit, f"{what}: {written(successes, n)}, at least {least:.0%}"
