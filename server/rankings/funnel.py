"""A funnel of observed over expected failures, with limits widened for over-dispersion. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtri, ndtri

from server.rankings.casemix import Floats

_Limit = Callable[[float], Floats]
_CURVE = 40
_NARROW, _WIDE = 0.975, 0.999
"""One-sided: limits of 95 and 99.8 %."""


class Outlying(StrEnum):
    """What becomes of the most extreme members before over-dispersion is judged."""

    TRIMMED = "trimmed"
    WINSORISED = "winsorised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How much more members differ than by chance.

    `factor` multiplies the variance, at least 1; `between` is the variance that is added to each
    member's own, on the logarithmic scale, at least 0. `kept` members were judged.
    """

    factor: float
    between: float
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of observed / expected at each of the `expected` numbers of failures."""

    expected: Floats
    low_95: Floats
    high_95: Floats
    low_998: Floats
    high_998: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Limits by chance alone, and widened by both ways of over-dispersion.

    They serve to look at: whoever lies outside is not flagged for it.
    """

    dispersion: Dispersion
    exact: Limits
    multiplied: Limits
    added: Limits


def draw_funnel(observed: Floats, expected: Floats) -> Funnel:
    """Return the funnel of at least one member, every expected number positive.

    Over-dispersion from members with a tenth winsorised at each end: Spiegelhalter (2005),
    Statistics in Medicine 24, 1185-1202.
    """
    dispersion = judge_dispersion(observed, expected, outlying=Outlying.WINSORISED)
    curve = np.geomspace(max(0.5, expected.min() * 0.8), expected.max() * 1.1, _CURVE)
    return Funnel(
        dispersion=dispersion,
        exact=exact_limits(curve),
        multiplied=multiplied_limits(curve, dispersion.factor),
        added=added_limits(curve, dispersion.between),
    )


def judge_dispersion(
    observed: Floats, expected: Floats, *, outlying: Outlying, share: float = 0.1
) -> Dispersion:
    """Return the over-dispersion with `share` of the members at each end trimmed or winsorised.

    Of z-scores on the logarithmic scale, where a ratio has the variance 1 / expected. The factor is
    their mean square, the variance between members that of DerSimonian and Laird (1986),
    Controlled Clinical Trials 7, 177-188, as Spiegelhalter's equation 9 has it.
    """
    # A member without failures has no logarithm: half a failure stands for none.
    z = np.log(np.where(observed > 0, observed, 0.5) / expected) * np.sqrt(expected)
    if outlying is Outlying.TRIMMED:
        cut = int(len(z) * share)
        inner = np.argsort(z)[cut : len(z) - cut]
        z, expected = z[inner], expected[inner]
    else:
        z = np.clip(z, *np.quantile(z, (share, 1 - share)))
    count = len(z)
    factor = float(np.mean(z**2)) if count else 1.0
    weight = expected.sum() - (expected**2).sum() / expected.sum() if count > 1 else 0.0
    between = (count * factor - (count - 1)) / weight if weight > 0 else 0.0
    return Dispersion(factor=max(1.0, factor), between=max(0.0, float(between)), kept=count)


def exact_limits(expected: Floats) -> Limits:
    """Return the limits of Poisson counts from the chi-squared distribution.

    Where failures are not rare they are wider than those of a binomial count.
    """

    def low(upper: float) -> Floats:
        return np.asarray(chdtri(2 * expected, upper) / (2 * expected))

    def high(upper: float) -> Floats:
        return np.asarray(chdtri(2 * expected + 2, 1 - upper) / (2 * expected))

    return _limits(expected, low, high)


def multiplied_limits(expected: Floats, factor: float) -> Limits:
    """Return the limits whose distance from 1 is widened by the square root of `factor`."""
    exact, wide = exact_limits(expected), np.sqrt(factor)

    def widen(limit: Floats) -> Floats:
        return np.asarray(np.maximum(0, 1 + (limit - 1) * wide))

    return Limits(
        expected=expected,
        low_95=widen(exact.low_95),
        high_95=widen(exact.high_95),
        low_998=widen(exact.low_998),
        high_998=widen(exact.high_998),
    )


def added_limits(expected: Floats, between: float) -> Limits:
    """Return log-normal limits with the variance `between` added to each member's own.

    Without any, those of chance alone.
    """
    if between == 0:
        return exact_limits(expected)
    sd = np.sqrt(1 / expected + between)

    def low(upper: float) -> Floats:
        return np.asarray(np.exp(-ndtri(upper) * sd))

    def high(upper: float) -> Floats:
        return np.asarray(np.exp(ndtri(upper) * sd))

    return _limits(expected, low, high)


def _limits(expected: Floats, low: _Limit, high: _Limit) -> Limits:
    return Limits(
        expected=expected,
        low_95=low(_NARROW),
        high_95=high(_NARROW),
        low_998=low(_WIDE),
        high_998=high(_WIDE),
    )
