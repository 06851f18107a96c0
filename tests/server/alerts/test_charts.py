"""Control charts against published examples, and what must hold of any series."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from server.alerts.charts import (
    RuleSet,
    Side,
    dispersion,
    ewma,
    p_prime,
    signals,
    tail,
    xmr,
)
from server.alerts.discovery import benjamini_hochberg

# NHSRplotthedots (MIT), tests/testthat/_snaps/ptd_spc_standard.md, commit 050b07d: R's
# set.seed(123); rnorm(20), and the same with the fifteenth value at 10.
NHS = np.array(
    [-0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621,
     -1.26506123, -0.68685285, -0.44566197, 1.2240818, 0.35981383, 0.40077145, 0.11068272,
     -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.7013559, -0.47279141]
)  # fmt: skip
OUTLYING = np.where(np.arange(20) == 14, 10.0, NHS)


@pytest.mark.parametrize(
    ("values", "screened", "expected"),
    [
        (NHS, True, (0.1416238, -3.01138, 3.294627)),
        (OUTLYING, True, (0.6694159, -2.383666, 3.722497)),
        (OUTLYING, False, (0.6694159, -4.596625, 5.935457)),
    ],
)
def test_xmr_limits_are_those_of_making_data_count(values, screened, expected):
    limits = xmr(values, screened=screened)
    assert (limits.centre, limits.lower, limits.upper) == pytest.approx(expected, abs=5e-6)


@pytest.mark.shared
def test_the_published_files_say_the_same(shared):
    def read(case: str) -> dict:
        return json.loads((shared / f"cases/{case}/case.json").read_text(encoding="utf-8"))

    told = read("xmr-plotthedots")
    assert np.array(told["values"]) == pytest.approx(NHS)
    plain = xmr(np.array(told["values"]))
    expected = tuple(told["plain"][name] for name in ("mean", "lower", "upper"))
    assert (plain.centre, plain.lower, plain.upper) == pytest.approx(expected, abs=5e-6)
    smooth = read("spc-ewma-cusum")["ewma"]
    values, centre, sd = (np.array(smooth[name], float) for name in ("values", "centre", "sd"))
    found = ewma(values, centre, sd, weight=smooth["lambda"])
    assert found.values == pytest.approx(smooth["ewma"], abs=1e-12)
    assert found.sigma == pytest.approx(smooth["sigma"], abs=1e-12)


def test_ewma_is_that_of_qcc():
    # luca-scr/qcc, test-ewma.R, commit af35099.
    found = ewma(np.array([11.0, 13.0, 12.0]), np.array(10.0), np.array(2.0), weight=0.5)
    assert found.values == pytest.approx([10.5, 11.75, 11.875], abs=1e-12)
    assert found.sigma == pytest.approx([1, 1.118033988749895, 1.14564392373896], abs=1e-12)


@pytest.mark.parametrize(
    ("rules", "run"), [(RuleSet.NHS, 7), (RuleSet.WESTERN_ELECTRIC, 8), (RuleSet.NELSON, 9)]
)
def test_each_rule_set_has_its_own_run(rules, run):
    before = np.tile([0.0, 2.0], 20)
    limits = xmr(before)
    values = np.concatenate([before, np.tile([1.3, 1.2], 5)])
    spoken = np.flatnonzero(signals(values, limits, rules, Side.ABOVE))
    assert spoken[0] == len(before) + run - 2, "the run begins with the last value above the mean"
    assert not signals(values, limits, rules, Side.BELOW).any()


@pytest.mark.parametrize(
    ("z", "rules"),
    [
        ([3.2], RuleSet.NHS),
        ([2.2, 0.1, 2.2], RuleSet.WESTERN_ELECTRIC),
        ([1.2, 1.2, -0.5, 1.2, 1.2], RuleSet.WESTERN_ELECTRIC),
        ([-2.5, -2, -1, 0, 1, 1.5], RuleSet.NELSON),
        ([-2.8, -2.5, -2, -1, 0, 1, 1.5], RuleSet.NHS),
    ],
)
def test_what_a_rule_set_calls_a_signal_is_one_and_its_mirror_image_below(z, rules):
    before = np.tile([-0.564, 0.564], 30)  # sigma is 1
    limits = xmr(before)
    above = signals(np.concatenate([before, z]), limits, rules, Side.ABOVE)
    below = signals(np.concatenate([before, np.negative(z)]), limits, rules, Side.BELOW)
    assert above[-1]
    assert below[-1]
    assert not above[: len(before)].any()


def test_p_prime_widens_with_the_days_own_variation_and_is_a_p_chart_without_it():
    rng = np.random.default_rng(1)
    n = np.full((2, 4000), 500.0)
    steady = rng.binomial(500, 0.8, 4000)
    restless = rng.binomial(500, np.clip(rng.normal(0.8, 0.04, 4000), 0, 1))
    limits = p_prime(np.array([steady, restless], dtype=float), n)
    assert limits.sigma[0] == pytest.approx(1.0, abs=0.05)
    spread = np.std(restless / 500) / np.sqrt(0.8 * 0.2 / 500)
    assert limits.sigma[1] == pytest.approx(spread, rel=0.05)


def test_a_day_without_cases_is_no_signal_and_no_variation():
    hits, n = np.tile([8.0, 0.0], 10), np.tile([10.0, 0.0], 10)
    assert dispersion(hits, n, np.array([0.8])) == pytest.approx(0.0)
    limits = p_prime(hits, n)
    assert limits.lower[1] == 0.0
    assert limits.upper[1] == 1.0


@given(n=st.integers(1, 300), share=st.floats(0.02, 0.98), part=st.floats(0, 1))
def test_the_tail_is_the_binomial_one(n, share, part):
    hits = round(part * n)
    sizes = [np.array([float(each)]) for each in (hits, n)]
    below = tail(*sizes, np.array([share]), np.array([1.0]), Side.BELOW)
    above = tail(*sizes, np.array([share]), np.array([1.0]), Side.ABOVE)
    by_half = binom.pmf(hits, n, share) / 2
    assert below[0] == pytest.approx(binom.cdf(hits - 1, n, share) + by_half, abs=1e-7)
    assert above[0] == pytest.approx(binom.sf(hits, n, share) + by_half, abs=1e-7)


def test_discoveries_are_those_of_benjamini_and_hochberg():
    # Benjamini & Hochberg (1995), JRSS B 57, example 3.2: four of fifteen at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
         0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert benjamini_hochberg(np.array(p), 0.05).sum() == 4
    assert benjamini_hochberg(np.array([]), 0.05).size == 0
    assert not benjamini_hochberg(np.array([0.9, 0.8]), 0.05).any()
