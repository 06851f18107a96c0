"""Funnel limits and over-dispersion are those published for the hospitals of MedPAR."""

from __future__ import annotations

import numpy as np
import pytest

from server.rankings.funnel import (
    Outlying,
    added_limits,
    draw_funnel,
    exact_limits,
    judge_dispersion,
)
from tests.server.rankings.published import rows


def _hospitals() -> tuple[np.ndarray, np.ndarray]:
    """Return observed and expected days of stay by hospital, expected by a Poisson regression."""
    read = rows("funnel-medpar/medpar.csv")
    names = ("hmo", "died", "age80", "type2", "type3")
    days = np.array([float(row["los"]) for row in read])
    design = np.array([[1.0, *(float(row[name]) for name in names)] for row in read])
    effects = np.zeros(design.shape[1])
    effects[0] = np.log(days.mean())
    for _ in range(50):
        expected = np.exp(design @ effects)
        information = design.T @ (design * expected[:, None])
        effects = effects + np.linalg.solve(information, design.T @ (days - expected))
    assert effects == pytest.approx(
        [2.26875, -0.07637, -0.24574, -0.02141, 0.24921, 0.74869], abs=5e-5
    )
    expected = np.exp(design @ effects)
    assert ((days - expected) ** 2 / expected).sum() / (len(days) - 6) == pytest.approx(
        6.2405, abs=5e-5
    )
    _, hospital = np.unique([row["provnum"] for row in read], return_inverse=True)
    return np.bincount(hospital, days), np.bincount(hospital, expected)


def test_hospitals_outside_the_limits_are_the_published_ones() -> None:
    observed, expected = _hospitals()
    ratio = observed / expected
    exact = exact_limits(expected)
    assert len(ratio) == 54
    assert ((ratio < exact.low_998) | (ratio > exact.high_998)).sum() == 25
    dispersion = judge_dispersion(observed, expected, outlying=Outlying.TRIMMED)
    assert dispersion.kept == 44
    assert dispersion.factor == pytest.approx(8.5329, abs=1e-3)
    assert dispersion.between == pytest.approx(0.02841, abs=5e-5)
    added = added_limits(expected, dispersion.between)
    assert ((ratio < added.low_998) | (ratio > added.high_998)).sum() == 9


def test_limits_of_poisson_counts_are_the_published_ones() -> None:
    limits = exact_limits(np.array([15.0, 20.0, 30.0]))
    assert limits.low_95 == pytest.approx([0.5596924, 0.6108260, 0.6746958], abs=1e-6)
    assert limits.high_95 == pytest.approx([1.649348, 1.544419, 1.427562], abs=1e-6)
    assert limits.low_998 == pytest.approx([0.3862650, 0.4479107, 0.5289724], abs=1e-6)
    assert limits.high_998 == pytest.approx([2.082907, 1.902094, 1.702771], abs=1e-6)


def test_equal_members_have_limits_of_chance_alone() -> None:
    funnel = draw_funnel(np.full(10, 20.0), np.full(10, 20.0))
    assert funnel.dispersion.factor == 1
    assert funnel.dispersion.between == 0
    assert funnel.added.low_95.tolist() == funnel.exact.low_95.tolist()
    assert funnel.multiplied.high_998.tolist() == funnel.exact.high_998.tolist()


@pytest.mark.parametrize("observed", [0.0, 60.0], ids=["no failure", "many"])
def test_one_member_alone_has_a_funnel(observed: float) -> None:
    funnel = draw_funnel(np.array([observed]), np.array([20.0]))
    assert np.isfinite(funnel.added.high_998).all()
    assert funnel.dispersion.factor >= 1
