"""Equal units are rarely flagged, a unit far below always; the funnel follows the dispersion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from server.rankings.flags import flag
from server.rankings.funnel import draw_funnel


def test_tables_of_equal_units_flag_anyone_in_at_most_five_percent() -> None:
    random = np.random.default_rng(16)
    n = np.full(20, 300)
    tables = 400
    flagged = sum(bool(flag(random.binomial(n, 0.8), n).any()) for _ in range(tables))
    # Beyond the 99.9 % quantile of Binomial(tables, 5 %) the level is broken, not chance.
    assert flagged <= binom.ppf(0.999, tables, 0.05)


def test_only_the_unit_far_below_its_peers_is_flagged() -> None:
    successes, n = np.array([240, 242, 238, 240, 180]), np.full(5, 300)
    assert flag(successes, n).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("share", [0, 1], ids=["none", "all"])
def test_units_that_are_all_at_an_end_are_not_flagged(share: int) -> None:
    n = np.array([100, 200, 300])
    assert not flag(n * share, n).any()
    funnel = draw_funnel(n * share, n)
    assert funnel.low_95.tolist() == funnel.high_998.tolist() == [share] * 3


def test_funnel_of_equal_units_has_binomial_limits() -> None:
    funnel = draw_funnel(np.full(10, 50), np.full(10, 100))
    assert funnel.dispersion == 1
    assert funnel.low_95[0] == pytest.approx(0.5 - 1.959964 * 0.05, abs=1e-6)
    assert funnel.high_998[0] == pytest.approx(0.5 + 3.090232 * 0.05, abs=1e-6)


def test_funnel_of_units_that_differ_is_wider_by_the_dispersion() -> None:
    funnel = draw_funnel(np.array([40, 60] * 10), np.full(20, 100))
    assert funnel.dispersion == pytest.approx(4)
    assert funnel.low_95[0] == pytest.approx(0.5 - 1.959964 * 0.1, abs=1e-6)
