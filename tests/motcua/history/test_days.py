"""A simulated day: the same for a seed, with what was planted in it, and nothing impossible."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from motcua.history.days import DayEvents, simulate_day
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, Scenario, draw_truths

PLACE = draw_province(1, 0.15)
MONDAY = date(2026, 10, 5)


def days(*scenarios: Scenario, count: int = 12) -> list[DayEvents]:
    truths = draw_truths(PLACE, scenarios, 1)
    return [simulate_day(PLACE, truths, MONDAY + timedelta(days=n), 1) for n in range(count)]


def satisfied(events: list[DayEvents], unit: int) -> float:
    """Return the share satisfied among all visits, also those that nobody rated."""
    opinions = np.concatenate([each.opinion[each.unit == unit] for each in events])
    return float((opinions > 0.05).mean())


def test_the_same_seed_gives_the_same_day():
    first, again = days(*ALL_AT_ONCE, count=1)[0], days(*ALL_AT_ONCE, count=1)[0]
    assert (first.score == again.score).all()
    assert (first.begun_s == again.begun_s).all()


def test_one_officer_serves_one_citizen_at_a_time():
    events = days(*ALL_AT_ONCE, count=1)[0]
    order = np.lexsort((events.begun_s, events.counter))
    served = order[events.served[order]]
    same = events.counter[served][1:] == events.counter[served][:-1]
    assert (events.begun_s[served][1:] >= events.ended_s[served][:-1])[same].all()
    assert (events.begun_s >= events.arrived_s).all()


def test_planted_worst_and_best_units_are_ten_points_from_their_equals():
    truths = draw_truths(PLACE, [Scenario.WORST_AND_BEST], 1)
    events = days(Scenario.WORST_AND_BEST)
    others = set(range(len(PLACE.units))) - {*truths.worst, *truths.best}
    usual = np.mean([satisfied(events, unit) for unit in others])
    assert all(satisfied(events, unit) < usual - 0.06 for unit in truths.worst)
    assert all(satisfied(events, unit) > usual + 0.03 for unit in truths.best)


def test_officers_who_skip_prompts_skip_difficult_visits():
    truths = draw_truths(PLACE, [Scenario.SKIPPED_PROMPTS], 1)
    events = days(Scenario.SKIPPED_PROMPTS)
    officer, served, prompt, opinion = (
        np.concatenate([getattr(each, name) for each in events])
        for name in ("officer", "served", "prompt", "opinion")
    )
    by_them, skipped = np.isin(officer, truths.skipping) & served, prompt == 3
    assert skipped[by_them].any()
    assert opinion[by_them & skipped].mean() < opinion[by_them & ~skipped].mean()
    assert not skipped[~by_them].any()


@pytest.mark.parametrize("scenario", Scenario)
def test_each_truth_can_be_planted_alone(scenario):
    events = days(scenario, count=1)[0]
    assert events.served.any()
    assert (events.stuffed_s.size > 0) <= (scenario is Scenario.BALLOT_STUFFING)


def test_ratings_of_nobody_stand_where_an_officer_was_also_on_a_day_when_nobody_came():
    place = draw_province(3, 0.08)
    truths = draw_truths(place, [Scenario.BALLOT_STUFFING], 3)
    for number in range(200):
        events = simulate_day(place, truths, MONDAY + timedelta(days=number), 3)
        assert set(events.stuffed_counter) <= set(events.counter)
