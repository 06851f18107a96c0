"""What facts are read: by place, by local day, and as no order of arrival can spoil them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contract.messages import DeviceStatus, ExpressionMix
from server.facts.connections import CONNECTIONS
from server.facts.deliveries import DELIVERIES
from server.facts.expressions import ANONYMITY_FLOOR, EXPRESSIONS, ExpressionTotals
from server.facts.queues import QUEUES
from server.facts.ratings import RATINGS
from server.facts.service_times import SERVICE_TIMES
from server.facts.sources import Dimension, Fact, Selection, Source, by_months
from server.facts.store import read_facts
from server.facts.visits import VISITS
from server.periods import Period, Step, day_of
from tests.server import build
from tests.server.asking import ask, store
from tests.server.histograms import histogram_of

pytestmark = pytest.mark.integration

NOON = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)  # 12:00 in Viet Nam
MIDNIGHT = datetime(2026, 10, 4, 17, 0, tzinfo=UTC)  # 00:00 in Viet Nam
UNIT = build.HERE.unit
TODAY = Selection(period=day_of(NOON))


def facts(url: str, source: Source, selection: Selection = TODAY) -> tuple[Fact, ...]:
    return ask(url, lambda connection: read_facts(connection, source, selection))


def totals(url: str, source: Source, selection: Selection = TODAY, unit: str = UNIT) -> Any:
    found = [fact.totals for fact in facts(url, source, selection) if fact.unit == unit]
    return found[0] if found else source.totals()


def expressions(url: str, unit: str = UNIT) -> ExpressionTotals:
    return totals(url, EXPRESSIONS, unit=unit)


@pytest.mark.parametrize("tiny", [1e-170, 1e-300, 5e-324])
def test_share_too_small_to_square_does_not_take_all_figures_away(database_url, tiny):
    mix = ExpressionMix(faces=1, readings=1, negative=0.5, neutral=0.5, positive=tiny)
    store(database_url, *(build.visit(NOON, expression=mix) for _ in range(ANONYMITY_FLOOR)))
    told = expressions(database_url)
    assert (told.visits, told.positive, told.positive_squared) == (ANONYMITY_FLOOR, 0.0, 0.0)


def test_sums_of_shares_are_those_of_the_visits(database_url):
    shares = [0.123456, 0.25, 0.7, 0.0, 0.75, 0.5, 0.333333, 0.1, 0.2, 0.3]
    store(database_url, *(build.visit(NOON, expression=build.mix(p)) for p in shares))
    told = expressions(database_url)
    assert told.positive == pytest.approx(sum(shares), abs=1e-12)
    assert told.positive_squared == pytest.approx(sum(p * p for p in shares), abs=1e-12)
    assert told.negative == pytest.approx(2.5)
    assert told.negative + told.neutral + told.positive == pytest.approx(10)


def test_expressions_are_told_in_whole_groups_of_a_units_first_visits(database_url):
    assert expressions(database_url) == ExpressionTotals()
    told = []
    for place in range(2 * ANONYMITY_FLOOR + 1):
        at = NOON + timedelta(seconds=place)
        store(database_url, build.visit(at, expression=build.mix(place / 100)))
        found = expressions(database_url)
        assert found.seen == place + 1
        told.append((found.visits, round(found.positive, 6), found.newest))
    none, ten = (0, 0, None), (10, 0.45, NOON + timedelta(seconds=9))
    twenty = (20, 1.9, NOON + timedelta(seconds=19))
    assert told == [none] * 9 + [ten] * 10 + [twenty] * 2


def test_group_of_one_unit_is_never_filled_up_by_another(database_url):
    elsewhere = replace(build.HERE, unit="que-vo")
    visits = [build.visit(NOON, expression=build.mix()) for _ in range(13)]
    visits += [build.visit(NOON) for _ in range(9)]  # without a mix
    others = [build.visit(NOON, address=elsewhere, expression=build.mix()) for _ in range(9)]
    store(database_url, *visits, *((visit, elsewhere) for visit in others))
    assert expressions(database_url).visits == 10
    assert expressions(database_url, "que-vo").visits == 0


def test_group_of_one_day_is_never_filled_up_by_another(database_url):
    moments = [MIDNIGHT - timedelta(seconds=1)] * 6 + [MIDNIGHT] * 6
    store(database_url, *(build.visit(at, expression=build.mix()) for at in moments))
    month = Selection(period=Period.of(Step.MONTH, date(2026, 10, 5)))
    found = totals(database_url, EXPRESSIONS, month)
    assert (found.seen, found.visits) == (12, 0)


def test_late_visits_tell_the_same_as_punctual_ones(database_url):
    visits = [
        build.visit(NOON + timedelta(seconds=place), expression=build.mix(place / 100))
        for place in range(23)
    ]
    store(database_url, *visits[::-2])
    store(database_url, *visits)
    found = expressions(database_url)
    assert (found.seen, found.visits, round(found.positive, 6)) == (23, 20, 1.9)


def test_day_begins_at_local_midnight(database_url):
    moments = [MIDNIGHT + timedelta(microseconds=offset) for offset in (-1, 0)]
    store(database_url, *(build.rating(at, 4) for at in moments))
    store(database_url, *(build.visit(at) for at in moments))
    for moment in moments:
        day = Selection(period=day_of(moment))
        ratings = totals(database_url, RATINGS, day)
        assert (sum(ratings.by_score), ratings.newest) == (1, moment)
        assert totals(database_url, VISITS, day).visits == 1
        assert totals(database_url, SERVICE_TIMES, day).seconds.n == 1


def test_steps_are_local_calendar_periods(database_url):
    store(database_url, *(build.rating(MIDNIGHT + timedelta(days=day)) for day in range(-5, 60)))
    year = Period.of(Step.YEAR, date(2026, 1, 1))
    for step, firsts in {
        Step.MONTH: {date(2026, 9, 1): 1, date(2026, 10, 1): 31, date(2026, 11, 1): 30,
                     date(2026, 12, 1): 3},
        Step.QUARTER: {date(2026, 7, 1): 1, date(2026, 10, 1): 64},
        Step.YEAR: {date(2026, 1, 1): 65},
        None: {None: 65},
    }.items():  # fmt: skip
        found = facts(database_url, RATINGS, Selection(period=year, step=step))
        assert {fact.day: sum(fact.totals.by_score) for fact in found} == firsts
    weeks = facts(database_url, RATINGS, Selection(period=year, step=Step.WEEK))
    assert {fact.day.weekday() for fact in weeks} == {0}


def test_counters_are_told_apart_where_wanted(database_url):
    second = replace(build.HERE, counter="quay-2")
    store(database_url, build.rating(NOON), (build.rating(NOON, address=second), second))
    by_counter = replace(TODAY, by=Dimension.COUNTER)
    assert {fact.member for fact in facts(database_url, RATINGS, by_counter)} == {
        "quay-1",
        "quay-2",
    }
    assert sum(totals(database_url, RATINGS).by_score) == 2
    one = replace(TODAY, units=(UNIT,), where={Dimension.COUNTER: "quay-2"})
    assert sum(totals(database_url, RATINGS, one).by_score) == 1
    assert facts(database_url, RATINGS, replace(TODAY, units=("elsewhere",))) == ()


def test_service_times_are_those_of_complete_visits(database_url):
    store(database_url, *(build.visit(NOON, service_s) for service_s in (300.0, 20.0, 90.0)))
    store(database_url, build.visit(NOON, 5_000.0, complete=False))
    found = totals(database_url, SERVICE_TIMES)
    assert found.seconds == histogram_of([20.0, 90.0, 300.0])
    assert found.newest == NOON
    assert totals(database_url, VISITS).visits == 4


def test_camera_that_counts_nobody_has_watched_and_one_that_is_away_has_not(database_url):
    store(database_url, build.observation(NOON, None))
    assert totals(database_url, VISITS).last_counted is None
    seen = NOON - timedelta(minutes=20)
    store(database_url, build.observation(seen, 0))
    assert totals(database_url, VISITS).last_counted == seen
    tomorrow = Selection(period=day_of(NOON + timedelta(days=1)))
    assert totals(database_url, VISITS, tomorrow).last_counted is None


def test_any_message_is_a_sign_of_life_in_its_own_hour(database_url):
    store(database_url, build.health(NOON), build.health(NOON - timedelta(days=1)))
    assert totals(database_url, RATINGS).last_seen == NOON
    yesterday = Selection(period=day_of(NOON - timedelta(days=1)))
    assert totals(database_url, RATINGS, yesterday).last_seen == NOON - timedelta(days=1)
    tomorrow = Selection(period=day_of(NOON + timedelta(days=1)))
    assert totals(database_url, RATINGS, tomorrow).last_seen is None


def test_message_counts_at_the_counter_that_it_names(database_url):
    store(
        database_url,
        build.visit(NOON, counter="quay-7"),
        build.observation(NOON, 2, counter="quay-8"),
    )
    by_counter = replace(TODAY, by=Dimension.COUNTER)
    visits = {fact.member: fact.totals for fact in facts(database_url, VISITS, by_counter)}
    assert visits["quay-7"].visits == 1
    assert visits["quay-8"].last_counted == NOON
    queues = facts(database_url, QUEUES, Selection(by=Dimension.COUNTER))
    assert [fact.member for fact in queues] == ["quay-8"]
    devices = facts(database_url, CONNECTIONS, Selection(by=Dimension.COUNTER))
    assert [fact.member for fact in devices] == [build.HERE.counter]


def test_device_is_offline_once_its_newest_session_has_ended(database_url):
    def online() -> bool:
        (device,) = totals(database_url, CONNECTIONS, Selection()).devices
        return device.online(NOON)

    begun = build.session_at(NOON - timedelta(minutes=1))
    store(database_url, build.health(NOON, session=begun))
    assert online()
    store(database_url, build.health(NOON, session=begun, status=DeviceStatus.OFFLINE))
    assert not online()
    later = build.session_at(NOON)
    store(database_url, build.health(NOON, session=later))
    assert online()


@pytest.mark.parametrize(
    ("first", "last", "parts"),
    [
        ("2026-01-15", "2026-03-10", ["2026-01-15..2026-01-31", "2026-02-01..2026-02-28",
                                      "2026-03-01..2026-03-10"]),
        ("2026-01-01", "2026-03-10", ["2026-01-01..2026-02-28", "2026-03-01..2026-03-10"]),
        ("2026-01-02", "2026-02-01", ["2026-01-02..2026-02-01"]),
        ("2026-01-01", "2026-12-31", ["2026-01-01..2026-12-31"]),
    ],
)  # fmt: skip
def test_long_periods_are_whole_months_and_the_days_around_them(first, last, parts):
    period = Period.range(date.fromisoformat(first), date.fromisoformat(last))
    found = by_months(Selection(period=period))
    assert [str(part.period) for part in found] == parts


def test_parts_of_a_period_add_up_to_it(database_url):
    days = [datetime(2026, month, day, 5, tzinfo=UTC) for month, day in ((1, 20), (2, 3), (3, 9))]
    store(database_url, *map(build.rating, days))
    period = Period.range(date(2026, 1, 15), date(2026, 3, 10))
    found = facts(database_url, RATINGS, Selection(period=period))
    assert sum(sum(fact.totals.by_score) for fact in found) == 3


@pytest.mark.parametrize(("simulated", "late"), [(False, 2), (True, 1)])
def test_what_a_simulation_made_up_when_it_started_is_not_late(database_url, simulated, late):
    heard = build.health(NOON, simulated=simulated)
    around = (build.visit(NOON + timedelta(hours=hours)) for hours in (-1, 1))
    store(database_url, heard, *around)
    found = totals(database_url, DELIVERIES)
    assert (found.received, found.late) == (2, late)
