"""The index says what ratings and observed visits can tell, and no more, whatever comes in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from server.experience.effects import shrink
from server.experience.fitting import LEAST_RATED, fit_month
from server.experience.link import Faces, spiegelhalter_z
from server.experience.logistic import RIDGE, expit, fit, fit_grouped
from server.kpi.catalogue.experience import estimate_index
from server.kpi.statistics import Estimate
from tests.server.experience.days import changed, draw_visits, totals_of

ALL = range(12)


def index(visits, *units: int) -> Estimate:
    fitted = fit_month(visits)
    assert fitted is not None
    return estimate_index(totals_of(fitted, *units))


def test_month_where_everybody_rated_is_told_without_doubt():
    visits = draw_visits(rate=1.0)
    share = 100 * visits.satisfied.mean()
    assert index(visits, *ALL) == Estimate(value=share, low=share, high=share)


def test_no_ratings_or_too_few_teach_nothing():
    visits = draw_visits(rate=0.0)
    assert fit_month(visits) is None
    few = visits.score.copy()
    few[: LEAST_RATED - 1] = 5
    assert fit_month(replace(visits, score=few)) is None


def test_unit_without_ratings_has_a_wider_interval_than_its_equals():
    visits = draw_visits()
    silenced = replace(visits, score=np.where(visits.unit == 3, 0, visits.score))
    told = [index(silenced, unit) for unit in ALL]
    widths = [each.high - each.low for each in told]
    assert widths[3] > 1.3 * max(widths[:3] + widths[4:])


@pytest.mark.parametrize("score", [1, 5])
def test_ratings_that_are_all_equal_leave_some_doubt(score):
    visits = draw_visits()
    equal = replace(visits, score=np.where(visits.rated, score, 0))
    told = index(equal, *ALL)
    assert 0 < told.high - told.low < 12
    assert told.value > 95 if score == 5 else told.value < 5


def test_response_rate_of_two_percent_gives_a_wide_interval():
    visits = draw_visits(rate=0.02)
    scarce, plenty = index(visits, 0), index(draw_visits(rate=0.4), 0)
    assert scarce.high - scarce.low > 1.5 * (plenty.high - plenty.low)


def test_without_faces_the_index_rests_on_waiting_and_service():
    blind = changed(draw_visits(), expression=np.nan, change=np.nan)
    fitted = fit_month(blind)
    assert fitted is not None
    assert (fitted.link.faces, fitted.link.faces_share) == (Faces.NONE_SEEN, 0.0)


def test_faces_count_where_they_tell_and_not_when_shuffled():
    visits = draw_visits()
    fitted = fit_month(visits)
    assert fitted is not None
    assert fitted.link.faces is Faces.USED
    assert fitted.link.faces_share > 0.3
    shares = []
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(visits.unit.size)
        shuffled = fit_month(
            replace(visits, expression=visits.expression[order], change=visits.change[order])
        )
        assert shuffled is not None
        shares.append(shuffled.link.faces_share)
    assert np.mean(shares) < 0.03


def test_one_unit_alone_is_told():
    told = index(draw_visits(units=1, each=400), 0)
    assert 3 < told.high - told.low < 40


def test_whole_is_the_mean_of_its_units_by_their_visits():
    fitted = fit_month(draw_visits())
    assert fitted is not None
    parts = [estimate_index(totals_of(fitted, unit)).value for unit in ALL]
    assert estimate_index(totals_of(fitted, *ALL)).value == pytest.approx(np.mean(parts))


def test_ridge_fit_is_the_maximum_of_its_penalised_likelihood():
    chance = np.random.default_rng(3)
    x = chance.normal(size=(300, 2))
    y = (chance.random(300) < expit(x @ [0.8, -0.5] + 0.3)).astype(float)

    def loss(beta):
        eta, centre = x @ beta[:2] + beta[2], beta[2]
        prior = 0.5 * centre - np.log1p(np.exp(centre))
        return -(y * eta - np.log1p(np.exp(eta))).sum() - prior + RIDGE / 2 * (beta[:2] ** 2).sum()

    found = minimize(loss, np.zeros(3), tol=1e-10).x
    model = fit(x, y)
    assert [*model.coefficients, model.intercept] == pytest.approx(found, abs=1e-4)


def test_intercepts_of_groups_are_drawn_towards_the_mean():
    chance = np.random.default_rng(4)
    group = np.repeat(np.arange(40), 50)
    truth = chance.normal(0, 0.7, 40)
    y = (chance.random(2000) < expit(truth[group] - 0.5)).astype(float)
    model = fit_grouped(np.zeros((2000, 0)), y, group, 40)
    plain = np.array([y[group == each].mean() for each in range(40)])
    plain = np.log(plain / (1 - plain)) - model.intercept
    assert np.corrcoef(model.groups, truth)[0, 1] > 0.85
    assert (np.abs(model.groups) < np.abs(plain) + 1e-3).all()


def test_spiegelhalters_statistic_is_standard_for_calibrated_predictions():
    chance = np.random.default_rng(5)
    means = chance.uniform(0.05, 0.95, (400, 500))
    z = [spiegelhalter_z(row, (chance.random(500) < row).astype(float)) for row in means]
    assert abs(np.mean(z)) < 0.15
    assert 0.9 < np.std(z) < 1.1


def test_shrinkage_reproduces_eight_schools():
    """Effects of coaching, Rubin (1981), J. Educational Statistics 6, 377-401: chance explains
    them, so that the estimate of the spread is the prior's share alone."""
    effect = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]) / 100
    error = np.array([15.0, 10, 16, 11, 9, 11, 10, 18]) / 100
    found = shrink(effect, error**2)
    assert found.spread == pytest.approx(np.sqrt(2 * 0.05**2 / 9))
    assert found.mean == pytest.approx(0.0769, abs=0.005)
    assert (np.abs(found.unit - found.mean) < 0.35 * np.abs(effect - found.mean) + 1e-9).all()
