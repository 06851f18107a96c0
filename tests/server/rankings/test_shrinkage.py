"""Shrunken shares of small members agree with published cases."""

from __future__ import annotations

import numpy as np
import pytest

from server.kpi.statistics import wilson
from server.rankings.shrinkage import BetaPrior, fit_prior, shrink
from tests.server.rankings.published import lines, rows


def test_prior_of_the_rat_tumours_is_the_one_recomputed() -> None:
    read = [line.replace(",", " ").split() for line in lines("beta-binomial-rats/rat-tumors.csv")]
    successes, n = np.array(
        [[int(field) for field in row[-2:]] for row in read if row[0].isdigit()]
    ).T
    prior = fit_prior(successes, n)
    assert prior.alpha == pytest.approx(2.3416, abs=0.05)
    assert prior.beta == pytest.approx(14.1148, abs=0.05)


def test_posterior_of_the_71st_rat_experiment_is_the_published_one() -> None:
    shrunken = shrink(np.array([4]), np.array([14]), BetaPrior(alpha=1.4, beta=8.6))
    assert shrunken[0] == pytest.approx(5.4 / 24, abs=0.001)


def test_wilson_intervals_are_those_of_r() -> None:
    for row in rows("wilson-r/expected.csv"):
        found = wilson(int(row["x"]), int(row["n"]))
        assert found.low == pytest.approx(float(row["wilson_lo"]), abs=1e-7)
        assert found.high == pytest.approx(float(row["wilson_hi"]), abs=1e-7)
