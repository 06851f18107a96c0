"""The experience index over many simulated provinces: who answers decides what may be claimed.

The generator draws opinions from a threshold of a latent feeling with heavy tails; nothing in it is
logistic, linear in what is observed, or known to `server.experience`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.experience.fitting import MonthFit, fit_month
from server.experience.visits import Visits
from server.facts.experience import ExperienceTotals
from server.kpi.catalogue.experience import estimate_index
from tests.prove.proofs import STATISTICS, Proof
from tests.server.experience.days import totals_of

UNITS = 24
COVERAGE = (0.86, 0.94)
LEAST_SEEDS = 100
"""Below it, chance alone leaves the range: only errors and bounds are asserted."""


class Answering(StrEnum):
    """Who gives a rating."""

    AT_RANDOM = "at random"
    BY_WHAT_IS_SEEN = "by what is seen"
    BY_MOOD = "by mood and the officer's choice"


@dataclass(kw_only=True)
class Found:
    """Over all seeds and units: errors of the index and of ratings, and what held the truth."""

    errors: list[float] = field(default_factory=list)
    errors_of_ratings: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    covered_whole: list[bool] = field(default_factory=list)
    tilted: list[bool] = field(default_factory=list)
    bounded: list[bool] = field(default_factory=list)
    faces: list[float] = field(default_factory=list)

    @property
    def coverage(self) -> float:
        """The share of unit months whose 90 % interval holds the truth."""
        return float(np.mean(self.covered))


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Estimate `scale` provinces under each way of answering, and with shuffled faces."""
    del folder
    figures = {"provinces, units, visits each": f"{scale}, {UNITS}, {_visits_of(seed):,}"}
    for answering in Answering:
        found = Found()
        for number in range(scale):
            _judge(found, *draw(seed * 100_003 + number, answering))
        _check(answering, found, scale)
        figures |= _told(answering, found)
    shuffled = [_shuffled(seed * 100_003 + number) for number in range(scale)]
    assert np.mean(shuffled) < 0.03, f"shuffled faces weigh {np.mean(shuffled):.3f}"
    figures["shuffled faces: mean weight, provinces in which they take part"] = (
        f"{np.mean(shuffled):.4f}, {np.mean(np.array(shuffled) > 0):.1%}"
    )
    return figures


def _check(answering: Answering, found: Found, scale: int) -> None:
    assert all(found.bounded), f"{answering}: the bounds for silence miss the truth"
    if answering is Answering.BY_MOOD:
        return
    error, of_ratings = _rms(found.errors), _rms(found.errors_of_ratings)
    assert error < of_ratings, f"{answering}: error {error:.2f}, of ratings alone {of_ratings:.2f}"
    if scale >= LEAST_SEEDS:
        low, high = COVERAGE
        assert low <= found.coverage <= high, f"{answering}: coverage {found.coverage:.3f}"


def _told(answering: Answering, found: Found) -> dict[str, str]:
    told = {
        "coverage of the 90 % interval, units": f"{found.coverage:.3f}",
        "coverage of the 90 % interval, province": f"{np.mean(found.covered_whole):.3f}",
        "mean width of the interval, points": f"{np.mean(found.widths):.1f}",
        "error (RMS) of the index, points": f"{_rms(found.errors):.2f}",
        "error (RMS) of ratings alone, points": f"{_rms(found.errors_of_ratings):.2f}",
        "bias of the index, points": f"{np.mean(found.errors):+.2f}",
        "truth within odds x 1/2 to x 2 for silent visits": f"{np.mean(found.tilted):.3f}",
        "truth within the bounds for silence": f"{np.mean(found.bounded):.3f}",
        "mean weight of faces": f"{np.mean(found.faces):.2f}",
    }
    return {f"{answering}: {name}": figure for name, figure in told.items()}


def _judge(found: Found, visits: Visits, satisfied: NDArray[np.bool_]) -> None:
    fit = fit_month(visits)
    assert fit is not None
    found.faces.append(fit.link.faces_share)
    for unit in range(UNITS):
        own = visits.unit == unit
        truth = 100 * float(satisfied[own].mean())
        told = totals_of(fit, unit)
        estimate = estimate_index(told)
        found.errors.append(estimate.value - truth)
        rated = satisfied[own & visits.rated]
        if rated.size:
            found.errors_of_ratings.append(100 * float(rated.mean()) - truth)
        found.widths.append(estimate.high - estimate.low)
        found.covered.append(estimate.low <= truth <= estimate.high)
        worse, better = (
            100 * (told.satisfied + part + told.effect) / told.visits
            for part in (told.worse, told.better)
        )
        found.tilted.append(worse <= truth <= better)
        found.bounded.append(_within_bounds(told, truth))
    found.covered_whole.append(_covers_whole(fit, 100 * float(satisfied.mean())))


def _covers_whole(fit: MonthFit, truth: float) -> bool:
    estimate = estimate_index(totals_of(fit, *range(UNITS)))
    return estimate.low <= truth <= estimate.high


def _within_bounds(told: ExperienceTotals, truth: float) -> bool:
    least = 100 * told.satisfied / told.visits
    most = 100 * (told.satisfied + told.visits - told.rated) / told.visits
    return least - 1e-9 <= truth <= most + 1e-9


def _shuffled(seed: int) -> float:
    visits, _ = draw(seed, Answering.BY_WHAT_IS_SEEN)
    order = np.random.default_rng(seed).permutation(visits.unit.size)
    fit = fit_month(
        replace(visits, expression=visits.expression[order], change=visits.change[order])
    )
    assert fit is not None
    return fit.link.faces_share


def draw(seed: int, answering: Answering) -> tuple[Visits, NDArray[np.bool_]]:
    """Return a month of one kind of unit, and which of its visits were satisfied in truth."""
    chance = np.random.default_rng([seed, 77])
    sizes = np.random.default_rng(1).integers(12, 42, UNITS) * 10
    unit = np.repeat(np.arange(UNITS), sizes)
    n = unit.size
    morning = chance.random(n) < 0.6
    hour = np.where(morning, chance.triangular(7.5, 9.5, 11.5, n), chance.triangular(13, 14, 17, n))
    load = 0.4 + chance.weibull(1.3, UNITS)[unit]
    rush = np.where((hour > 8.5) & (hour < 10), 1.8, 1.0)
    wait_s = chance.gamma(0.7, 1.0, n) * 420 * load * rush
    service_s = np.exp(chance.normal(5.6, 0.5, n))
    felt = (
        0.9
        + chance.gumbel(0, 0.25, UNITS)[unit]
        + 0.6 * chance.standard_t(5, n)
        - np.where(wait_s > 1200, 0.9, 0)
        - np.where(wait_s > 2400, 0.4, 0)
        - np.where(service_s > 600, 0.25, 0)
        - np.where(hour > 16, 0.2, 0)
    )
    said = felt + chance.laplace(0, 0.45, n)
    score = 1 + (said[:, None] > np.array([-1.6, -0.8, 0.0, 0.9])).sum(axis=1)
    seen = chance.random(n) < 0.85
    face = np.tanh(0.55 * felt - 0.35 + chance.normal(0, 0.5, n))
    change = np.clip(0.3 * face + chance.normal(0, 0.3, n), -2, 2)
    answers = _answers(answering, unit, wait_s, hour, np.where(seen, face, 0), score)
    rate = chance.uniform(0.15, 0.6, UNITS)[unit]
    rated = chance.random(n) < np.clip(rate * answers, 0, 0.97)
    visits = Visits(
        unit=unit,
        units=UNITS,
        day=chance.integers(0, 22, n),
        expression=np.where(seen, face, np.nan),
        change=np.where(seen, change, np.nan),
        wait_s=np.where(chance.random(n) < 0.9, wait_s, np.nan),
        service_s=service_s,
        hour=hour,
        score=np.where(rated, score, 0),
        fold=chance.integers(0, 5, n),
    )
    return visits, score >= 4


def _answers(
    answering: Answering,
    unit: NDArray[np.int64],
    wait_s: NDArray[np.float64],
    hour: NDArray[np.float64],
    face: NDArray[np.float64],
    score: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return factors of the unit's own rate of answers, (n,)."""
    match answering:
        case Answering.AT_RANDOM:
            return np.ones(unit.size)
        case Answering.BY_WHAT_IS_SEEN:
            patient = np.where(wait_s > 900, 0.45, 1.0) * np.where(hour > 16, 0.6, 1.0)
            return patient * np.where(face > 0.25, 1.5, 0.9)
        case Answering.BY_MOOD:
            # Content people answer twice as often; a third of the units hardly ask angry ones.
            mood = np.where(score >= 4, 1.35, 0.7)
            return mood * np.where((score <= 2) & (unit % 3 == 0), 0.4, 1.0)


def _visits_of(seed: int) -> int:
    return draw(seed, Answering.AT_RANDOM)[0].unit.size


def _rms(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


PROOF = Proof(
    claim=(
        "The experience index of a unit's month under three ways in which citizens answer. Where "
        "what is observed explains who answers, its 90 % interval holds the truth in 86 to 94 of "
        "100 unit months and its error is below that of ratings alone. Where moods and officers "
        "decide, coverage and sensitivity are what they are, and the bounds for silence hold the "
        "truth. Shuffled faces weigh nothing."
    ),
    sources=(
        "server/experience/fitting.py",
        "server/facts/experience.py",
        "server/kpi/catalogue/experience.py",
        "tests/prove/experience_index.py",
        "tests/server/experience/days.py",
    ),
    measure=measure,
    small=3,
    full=400,
    page=STATISTICS,
)
