"""The week's plan: what is known of an hour, what it lends from the unit, and what stays unsaid."""

from __future__ import annotations

import numpy as np
import pytest

from server.facts.histograms import Histogram
from server.planning.counters import HourTotals, dispersion, plan_week
from server.planning.erlang import Demand, counters_needed
from tests.server.histograms import histogram_of

HOUR_S = 3600


def hour(*counts: int, weekday: int = 1, at: int = 9, **fields: object) -> HourTotals:
    """An hour of the week that so many people came to, a day each."""
    told = {
        "days": len(counts),
        "open_s": HOUR_S * len(counts),
        "planned_s": 0,
        "seen_days": len(counts),
        "seen_s": HOUR_S * len(counts),
        "arrivals": sum(counts),
        "arrivals_squared": sum(count**2 for count in counts),
    }
    return HourTotals(weekday=weekday, hour=at, **(told | fields))


def services(mean_s: float, n: int = 400) -> Histogram:
    return histogram_of(np.random.default_rng(1).exponential(mean_s, n).tolist())


def test_an_hour_needs_the_fewest_counters_that_keep_the_average_wait():
    busy = hour(40, 38, 42, planned_s=6 * HOUR_S, served_counters=8, services=services(600))
    plan = plan_week([busy])
    (told,) = plan.hours
    expected = counters_needed(
        Demand(
            arrivals_per_s=40 / HOUR_S,
            service_s=plan.service_s,
            service_variation=plan.service_variation,
        ),
        900,
    )
    assert (told.needed, told.wait_s) == (expected.counters, expected.wait_s)
    assert (told.arrivals_per_hour, told.planned, told.open) == (40, 2, pytest.approx(8 / 3))
    assert plan.service_variation == pytest.approx(1, abs=0.2)


def test_half_an_hour_open_counts_as_half():
    half = hour(10, 10, open_s=HOUR_S, seen_s=HOUR_S, planned_s=2 * HOUR_S)
    (told,) = plan_week([half]).hours
    assert (told.arrivals_per_hour, told.planned) == (20, 2)


def test_hours_with_few_services_lend_those_of_the_unit_and_a_unit_without_says_nothing():
    known = hour(20, 20, services=services(300))
    new = hour(20, 20, at=10, services=services(3000, n=5))
    first, second = plan_week([known, new]).hours
    # Its own five services alone would ask for seventeen counters.
    assert (first.needed, second.needed) == (2, 3)
    (alone,) = plan_week([hour(20, 20, services=services(300, n=29))]).hours
    assert alone.needed is None
    assert alone.arrivals_per_hour == 20


def test_an_hour_that_no_camera_saw_has_its_roster_alone():
    blind = hour(seen_days=0, seen_s=0, days=4, open_s=4 * HOUR_S, planned_s=8 * HOUR_S)
    (told,) = plan_week([blind, hour(5, at=10)][:1]).hours
    assert (told.planned, told.arrivals_per_hour, told.open, told.needed) == (2, None, None, None)


def test_an_hour_to_which_nobody_came_needs_one_counter():
    (quiet, _) = plan_week([hour(0, 0), hour(9, 9, at=10, services=services(60))]).hours
    assert (quiet.needed, quiet.wait_s, quiet.utilisation) == (1, 0, 0)


def test_dispersion_is_that_of_the_counts_and_poissons_where_too_little_is_known():
    counts = np.random.default_rng(1).poisson(30, 4000)
    poisson = [hour(*counts[at::40].tolist(), at=at % 24, weekday=at // 24 + 1) for at in range(40)]
    assert dispersion(poisson) == pytest.approx(1, abs=0.05)
    assert dispersion([hour(*[10, 30] * 20)]) == pytest.approx(100 / 20 * 40 / 39)
    assert dispersion([hour(1, 99)]) == 1


def test_hours_stand_in_the_order_of_the_week():
    told = plan_week([hour(1, weekday=2), hour(1, at=8), hour(1)]).hours
    assert [(each.weekday, each.hour) for each in told] == [(1, 8), (1, 9), (2, 9)]
