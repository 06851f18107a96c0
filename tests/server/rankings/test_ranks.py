"""Shrunken shares agree with published cases; ranks follow the evidence and the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from server.rankings.ranks import draw_ranks
from server.rankings.shrinkage import BetaPrior, fit_prior, shrink


def _rats() -> np.ndarray:
    for folder in Path(__file__).resolve().parents:
        path = folder / "shared/cases/beta-binomial-rats/rat-tumors.csv"
        if path.exists():
            lines = path.read_text().splitlines()
            rows = [line.replace(",", " ").split() for line in lines if line[:1].isdigit()]
            return np.array([[int(field) for field in row[-2:]] for row in rows])
    pytest.skip("../shared/cases is not there: the rat tumours were left out")


def test_prior_of_the_rat_tumours_is_the_one_recomputed() -> None:
    successes, n = _rats().T
    prior = fit_prior(successes, n)
    assert prior.alpha == pytest.approx(2.3416, abs=0.05)
    assert prior.beta == pytest.approx(14.1148, abs=0.05)


def test_posterior_of_the_71st_rat_experiment_is_the_published_one() -> None:
    shrunken = shrink(np.array([4]), np.array([14]), BetaPrior(alpha=1.4, beta=8.6))
    assert shrunken[0] == pytest.approx(5.4 / 24, abs=0.001)


def test_units_far_apart_keep_their_ranks_and_equal_ones_share_a_range() -> None:
    successes, n = np.array([950, 500, 500, 50]), np.full(4, 1000)
    best, one, other, worst = draw_ranks(successes, n, fit_prior(successes, n), seed=1)
    assert (best.low, best.high, worst.low, worst.high) == (1, 1, 4, 4)
    assert (one.low, one.high) == (other.low, other.high) == (2, 3)
    assert best.in_top_decile == worst.in_bottom_decile == 1


def test_ranks_are_the_same_for_the_same_seed() -> None:
    successes, n = np.array([40, 45, 50]), np.full(3, 100)
    prior = fit_prior(successes, n)
    first, again = (draw_ranks(successes, n, prior, seed=7) for _ in range(2))
    assert first == again
