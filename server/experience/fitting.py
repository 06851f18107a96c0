"""One month of one kind of unit: from visits to sums by unit and day that any period adds up. Pure.

Doubly robust: right where either the link or the model of who answers is. Kang and Schafer (2007),
Statistical Science 22, 523-539; learnt on other visits than it is applied to: Chernozhukov et al.
(2018), The Econometrics Journal 21, C1-C68.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.experience.effects import Effects, shrink
from server.experience.link import Link, learn
from server.experience.responses import response_probabilities
from server.experience.visits import Visits, features

LEAST_RATED = 30
"""Below 30 rated visits of a kind in a month nothing is learnt: none of them is told."""

TILT = 2.0
"""Odds by which silent visits are made worse and better in the sensitivity analysis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """Sums over the visits of one unit on one day; `expected` and what follows over silent ones.

    `variance` sums m(1 - m); `worse` and `better` sum m with its odds divided and multiplied by
    TILT, where m is the probability of being satisfied by what is seen of the visit.
    """

    unit: int
    day: int
    visits: int
    rated: int
    satisfied: int
    expected: float
    variance: float
    worse: float
    better: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFit:
    """What was learnt, `link` and `effects`, and the sums of each unit and day."""

    link: Link
    effects: Effects
    days: Sequence[DaySums]


def fit_month(visits: Visits) -> MonthFit | None:
    """Return the month of these visits; None where too few of them were rated to learn from."""
    rated = visits.rated
    if int(rated.sum()) < LEAST_RATED:
        return None
    seen = features(visits)
    answers = response_probabilities(visits, seen.x)
    link = learn(visits, seen, 1 / answers)
    return MonthFit(
        link=link, effects=_effects(visits, link.means, answers), days=_by_day(visits, link.means)
    )


def _effects(visits: Visits, means: NDArray[np.float64], answers: NDArray[np.float64]) -> Effects:
    """Return units' effects among their silent visits, which rated ones stand for by odds.

    A rated visit that answers with probability p stands for (1 - p) / p silent ones like it, up
    to a common factor of the unit (Hájek).
    """
    rated = visits.rated
    unit, mean = visits.unit[rated], means[rated]
    weight = (1 - answers[rated]) / answers[rated] + 1e-6
    left = visits.satisfied[rated] - mean
    noise = mean * (1 - mean)
    # Where residuals scatter more than single answers would, all variances are as much greater.
    scatter = max(1.0, float((weight * left**2).sum() / max((weight * noise).sum(), 1e-12)))
    whole = np.bincount(unit, weight, visits.units)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.bincount(unit, weight * left, visits.units) / whole
        variance = scatter * np.bincount(unit, weight**2 * noise, visits.units) / whole**2
    silent = np.isnan(residual)
    return shrink(np.where(silent, 0.0, residual), np.where(silent, np.inf, variance))


def _by_day(visits: Visits, means: NDArray[np.float64]) -> list[DaySums]:
    silent = ~visits.rated
    days = int(visits.day.max()) + 1
    key = visits.unit * days + visits.day
    odds = means / np.maximum(1 - means, 1e-12)
    worse, better = (tilted / (1 + tilted) for tilted in (odds / TILT, odds * TILT))
    columns = [
        np.ones(means.size),
        visits.rated,
        visits.satisfied,
        silent * means,
        silent * means * (1 - means),
        silent * worse,
        silent * better,
    ]
    keys = np.unique(key)
    sums = np.column_stack([np.bincount(key, column)[keys] for column in columns])
    return [
        DaySums(
            unit=each // days, day=each % days, visits=int(n), rated=int(rated),
            satisfied=int(satisfied), expected=expected, variance=variance, worse=low, better=high,
        )
        for each, (n, rated, satisfied, expected, variance, low, high) in zip(
            keys.tolist(), sums.tolist(), strict=True
        )
    ]  # fmt: skip
