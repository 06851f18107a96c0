"""Simulated days: plausible, in order, and the same for the same seed."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import datetime, timedelta

import pytest

from contract.local_time import LOCAL_TIME
from motcua.simulate.arrivals import is_open
from motcua.simulate.counter import day_at_counter
from motcua.simulate.events import (
    RatingGiven,
    ReasonsGiven,
    SimulatedEvent,
    VisitEnded,
    WaitEnded,
    WindowEnded,
)
from motcua.simulate.outages import outages_of
from motcua.simulate.province import SimulatedCounter, counters_of, province

TUESDAY = datetime(2026, 11, 24, tzinfo=LOCAL_TIME)
SUNDAY = datetime(2026, 11, 29, tzinfo=LOCAL_TIME)
NEVER = TUESDAY + timedelta(days=30)
COUNTERS = counters_of(province(40, seed=1))


def _people(
    counter: SimulatedCounter, day: datetime = TUESDAY, **options: bool
) -> list[SimulatedEvent]:
    return list(day_at_counter(counter, day, seed=1, watch_from=NEVER, **options))


@pytest.fixture(scope="module")
def province_day() -> list[SimulatedEvent]:
    return [event for counter in COUNTERS for event in _people(counter)]


def test_same_seed_gives_the_same_day() -> None:
    assert _people(COUNTERS[0]) == _people(COUNTERS[0])


def test_another_seed_gives_another_day() -> None:
    other = list(day_at_counter(COUNTERS[0], TUESDAY, seed=2, watch_from=NEVER))
    assert other != _people(COUNTERS[0])


def test_events_come_in_the_order_of_time() -> None:
    day = list(day_at_counter(COUNTERS[0], TUESDAY, seed=1, always_open=True))
    assert [h.at for h in day] == sorted(h.at for h in day)


def test_watching_from_later_changes_no_person() -> None:
    noon = TUESDAY + timedelta(hours=12, seconds=2)
    watched = list(day_at_counter(COUNTERS[0], TUESDAY, seed=1, watch_from=noon))
    assert [h for h in watched if not isinstance(h, WindowEnded)] == _people(COUNTERS[0])
    windows = [h for h in watched if isinstance(h, WindowEnded)]
    assert windows[0].at == TUESDAY + timedelta(hours=12, seconds=5)
    assert len(windows) == 12 * 3600 / 5
    assert len({w.number for w in windows}) == len(windows)


def test_windows_count_who_is_there() -> None:
    waiting = present = 0
    for event in day_at_counter(COUNTERS[8], TUESDAY, seed=1):
        if isinstance(event, WindowEnded):
            assert event.present - event.waiting in {0, 1}
            assert (event.expression is None) == (event.present == 0)
            waiting, present = max(waiting, event.waiting), max(present, event.present)
    assert waiting >= 1
    assert present >= 2


def test_visitors_a_day_are_as_many_as_the_unit_has(province_day: list[SimulatedEvent]) -> None:
    ended = sum(
        isinstance(h, VisitEnded) or (isinstance(h, WaitEnded) and h.outcome == "left")
        for h in province_day
    )
    expected = sum(counter.visitors_a_day for counter in COUNTERS)
    assert ended == pytest.approx(expected, rel=0.15)


def test_people_come_only_while_the_counters_are_open(province_day: list[SimulatedEvent]) -> None:
    starts = [
        h.at - timedelta(seconds=h.service_s + h.wait_s)
        for h in province_day
        if isinstance(h, VisitEnded)
    ]
    assert starts
    assert all(is_open(at + timedelta(milliseconds=1)) for at in starts)
    assert _people(COUNTERS[0], SUNDAY) == []


def test_a_demonstration_is_never_empty() -> None:
    at_night = [
        h
        for counter in COUNTERS
        for h in _people(counter, SUNDAY, always_open=True)
        if h.at.hour < 5
    ]
    assert len(at_night) > 50


def test_service_times_and_scores_are_plausible(province_day: list[SimulatedEvent]) -> None:
    services = [h.service_s for h in province_day if isinstance(h, VisitEnded)]
    assert 240 < statistics.median(services) < 600
    assert statistics.mean(services) > statistics.median(services)
    scores = Counter(h.score for h in province_day if isinstance(h, RatingGiven))
    assert set(scores) == {1, 2, 3, 4, 5}
    assert (scores[4] + scores[5]) / scores.total() > 0.6
    assert 0.2 < scores.total() / len(services) < 0.9


def test_only_low_ratings_are_explained_and_afterwards(province_day: list[SimulatedEvent]) -> None:
    explained = [h for h in province_day if isinstance(h, ReasonsGiven)]
    assert explained
    for event in explained:
        assert event.rated.score <= 3
        assert event.reasons
        assert event.at > event.rated.at


def test_units_differ_in_quality() -> None:
    qualities = [unit.traits.quality for unit in province(200, seed=1)]
    assert statistics.pstdev(qualities) > 0.04


def test_larger_province_keeps_the_units_of_the_smaller() -> None:
    assert province(100, seed=1)[:5] == province(60, seed=1)[:5]


@pytest.mark.parametrize("counters", [1, 7, 40, 1000])
def test_province_has_exactly_the_counters_asked_for(counters: int) -> None:
    found = counters_of(province(counters, seed=3))
    assert len(found) == counters
    assert len({counter.address for counter in found}) == counters


def test_outages_are_rare_short_and_repeatable() -> None:
    found = [outage for c in COUNTERS for outage in outages_of(c, TUESDAY, seed=1)]
    assert found == [outage for c in COUNTERS for outage in outages_of(c, TUESDAY, seed=1)]
    dark_s = sum((outage.ends_at - outage.begins_at).total_seconds() for outage in found)
    assert 0 < dark_s / (len(COUNTERS) * 86_400) < 0.05
