"""Control charts: Laney's p-prime, XmR with named rule sets, and EWMA. Pure.

Arrays have time on their last axis, so that one call judges every unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LAMBDA = 0.2
"""The weight of the newest value in an EWMA: detects shifts of about one standard deviation early
(Lucas & Saccucci 1990, Technometrics 32, 1-12)."""

_XMR = 2.66
"""3 / d2 for moving ranges of two, d2 = 1.128 (Shewhart)."""

_SCREEN = 3.267
"""D4 for ranges of two: a moving range above it is no common cause and does not widen limits."""

_SIGMA_FROM_RANGE = 1.128


class RuleSet(StrEnum):
    """Which runs and trends count as signals beside a point outside the limits.

    `nhs`: Making Data Count, a run or trend of 7 and two of three near a limit. `western_electric`
    (1956): a run of 8, two of three beyond 2 sigma, four of five beyond 1. `nelson` (1984, Journal
    of Quality Technology 16, 237-239): a run of 9, a trend of 6, and the same two of three and four
    of five; its tests of mixture and stratification find no shift and are left out.
    """

    NHS = "nhs"
    WESTERN_ELECTRIC = "western_electric"
    NELSON = "nelson"


class Side(StrEnum):
    """Which departure is asked for."""

    ABOVE = "above"
    BELOW = "below"

    @property
    def sign(self) -> int:
        """1 for above, -1 for below."""
        return 1 if self is Side.ABOVE else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Centre, limits and standard deviation; each has the shape of the values without time, for
    p-prime `lower` and `upper` have theirs with time.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    sigma: Floats


def xmr(values: Floats, *, screened: bool = True) -> Limits:
    """Return the limits of individual values: mean -+ 2.66 mean moving range.

    `screened` leaves out, once, moving ranges above 3.267 times their mean. Needs two values.
    """
    ranges = np.abs(np.diff(values, axis=-1))
    mean_range = ranges.mean(axis=-1)
    if screened:
        kept = ranges <= _SCREEN * mean_range[..., None]
        mean_range = np.where(kept, ranges, 0.0).sum(axis=-1) / np.maximum(kept.sum(axis=-1), 1)
    centre = values.mean(axis=-1)
    return Limits(
        centre=centre,
        lower=centre - _XMR * mean_range,
        upper=centre + _XMR * mean_range,
        sigma=mean_range / _SIGMA_FROM_RANGE,
    )


def p_prime(hits: Floats, n: Floats) -> Limits:
    """Return Laney's limits of shares: p -+ 3 sigma_p sigma_z, between 0 and 1.

    sigma_z is taken from the moving ranges of the standardised shares (Laney 2002, Quality
    Engineering 14, 531-537). Days without cases count for nothing; their limits are 0 and 1.
    """
    centre = _share(hits.sum(axis=-1), n.sum(axis=-1))
    sigma = dispersion(hits, n, centre[..., None])
    own = np.sqrt(centre * (1 - centre))[..., None] / np.sqrt(np.maximum(n, 1))
    reach = np.where(n > 0, 3 * own * sigma[..., None], 1.0)
    return Limits(
        centre=centre,
        lower=np.maximum(centre[..., None] - reach, 0.0),
        upper=np.minimum(centre[..., None] + reach, 1.0),
        sigma=sigma,
    )


def dispersion(hits: Floats, n: Floats, expected: Floats) -> Floats:
    """Return sigma_z: how much more shares vary from day to day than chance alone; 1 is chance.

    From the moving ranges of the days that have cases; 1 where there are fewer than ten.
    """
    spread = np.sqrt(np.maximum(expected * (1 - expected), 1e-9))
    z = np.where(n > 0, (hits - n * expected) / (spread * np.sqrt(np.maximum(n, 1))), np.nan)
    flat = z.reshape(-1, z.shape[-1])
    found = np.ones(len(flat))
    for row, values in enumerate(flat):
        known = values[~np.isnan(values)]
        if len(known) >= 10:
            found[row] = np.abs(np.diff(known)).mean() / _SIGMA_FROM_RANGE
    return found.reshape(z.shape[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ewma:
    """The smoothed values, and the standard deviation of each."""

    values: Floats
    sigma: Floats


def ewma(values: Floats, centre: Floats, sd: Floats, weight: float = LAMBDA) -> Ewma:
    """Return z_t = w x_t + (1 - w) z_(t-1) from z_0 = centre, and its standard deviation.

    sd sqrt(w / (2 - w) (1 - (1 - w)^(2t))) (Roberts 1959, Technometrics 1, 239-250).
    """
    smoothed = np.empty_like(values, dtype=np.float64)
    last = np.asarray(centre, dtype=np.float64)
    for index in range(values.shape[-1]):
        last = weight * values[..., index] + (1 - weight) * last
        smoothed[..., index] = last
    steps = np.arange(1, values.shape[-1] + 1)
    factor = np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps)))
    return Ewma(values=smoothed, sigma=np.asarray(sd)[..., None] * factor)


def signals(values: Floats, limits: Limits, rules: RuleSet, side: Side) -> Flags:
    """Return at which values of an XmR chart the rule set speaks, on one side of the centre."""
    sign = side.sign
    with np.errstate(divide="ignore", invalid="ignore"):
        z = sign * (values - limits.centre[..., None]) / limits.sigma[..., None]
    z = np.where(np.isfinite(z), z, 0.0)
    outside = z > _XMR * _SIGMA_FROM_RANGE
    found = outside | _in_a_row(z > 0, _RUN[rules])
    found |= _some_of(z > 2, wanted=2, of=3)
    match rules:
        case RuleSet.NHS:
            found |= _rising(z, 7)
        case RuleSet.WESTERN_ELECTRIC:
            found |= _some_of(z > 1, wanted=4, of=5)
        case RuleSet.NELSON:
            found |= _some_of(z > 1, wanted=4, of=5) | _rising(z, 6)
        case _:
            assert_never(rules)
    return np.asarray(found)


_RUN = {RuleSet.NHS: 7, RuleSet.WESTERN_ELECTRIC: 8, RuleSet.NELSON: 9}


def tail(hits: Floats, n: Floats, expected: Floats, spread: Floats, side: Side) -> Floats:
    """Return how probable a share as far out as hits / n is: one-sided, the share itself by half.

    Mid-p of the binomial (Lancaster 1961, JASA 56, 223-234) with the `expected` share; `spread` (a
    standard deviation over that of chance) divides n by its square. The tail is as wide as the
    binomial's, not as the normal's, which is wrong by a factor of three where nearly all are
    satisfied. Without cases the probability is 1.
    """
    size = n / np.maximum(spread, 1.0) ** 2
    counted = hits / np.maximum(n, 1) * size
    if side is Side.ABOVE:
        counted, expected = size - counted, 1 - expected
    at_most = _at_most(counted, size, expected)
    # Counts that were scaled may miss a whole number by a rounding.
    some = counted > 1 - 1e-9
    fewer = np.where(some, _at_most(np.maximum(counted - 1, 0.0), size, expected), 0.0)
    return np.where(n > 0, (at_most + fewer) / 2, 1.0)


def _at_most(counted: Floats, size: Floats, share: Floats) -> Floats:
    """Return the binomial distribution function, also between whole numbers."""
    found = betainc(np.maximum(size - counted, 1e-9), np.maximum(counted, 0.0) + 1, 1 - share)
    return np.asarray(np.where(counted >= size, 1.0, found))


def _share(hits: Floats, n: Floats) -> Floats:
    return np.where(n > 0, hits / np.maximum(n, 1), 0.0)


def _in_a_row(flags: Flags, count: int) -> Flags:
    return _some_of(flags, wanted=count, of=count)


def _some_of(flags: Flags, *, wanted: int, of: int) -> Flags:
    """Return where at least `wanted` of the last `of` hold, the last one among them."""
    summed = np.cumsum(flags, axis=-1, dtype=np.int64)
    before = np.zeros_like(summed)
    before[..., of:] = summed[..., :-of]
    return (summed - before >= wanted) & flags


def _rising(z: Floats, points: int) -> Flags:
    """Return where each of the last `points` values lies above the one before it."""
    up = np.zeros(z.shape, dtype=np.bool_)
    up[..., 1:] = np.diff(z, axis=-1) > 0
    return _in_a_row(up, points - 1)
