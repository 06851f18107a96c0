"""Judgements on a real PostgreSQL: raised once, whatever is killed, and ended with the cause."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from psycopg import AsyncConnection

from server.alerts import evaluation
from server.alerts.alerts import Severity
from server.alerts.channels.channels import Channel, Kind
from server.alerts.evaluation import evaluate
from server.alerts.looks import Series, span
from server.alerts.rule_store import change_rule
from server.db.connection import session_conninfo
from server.devices.store import read_server_state
from tests.coroutines import run
from tests.server import asking, build
from tests.server.alerts.province import CALENDAR, DEVICES, Judge, at, settle, working_day

pytestmark = pytest.mark.integration

SCREEN = Channel(name="unit", kind=Kind.APPRISE, to=("unit",), severity=Severity.NOTICE)


@pytest.fixture
def judge(database_url) -> Judge:
    settle(database_url)
    return Judge(database_url, at(working_day(), "10:00"), (SCREEN,))


def let_people_wait(judge: Judge, minutes: int) -> None:
    for _ in range(minutes):
        judge.now += timedelta(seconds=60)
        judge.waiting(3)
        judge.judge()


def test_people_who_wait_while_nobody_is_served_are_told_of_after_ten_minutes(judge):
    let_people_wait(judge, 10)
    assert judge.alerts() == []
    let_people_wait(judge, 3)
    assert judge.alerts() == [("nobody_served", "tu-son", "raised")]
    judge.now += timedelta(seconds=60)
    judge.waiting(2, served=True)
    judge.judge()
    assert judge.alerts() == [("nobody_served", "tu-son", "resolved")]
    steps = judge.rows("SELECT step, actor FROM alert_step ORDER BY number")
    assert steps == [("raised", "alerts"), ("ended", "alerts")]
    told = judge.rows("SELECT channel, step FROM alert_message ORDER BY step")
    assert told == [("unit", 1), ("unit", 2)]
    audited = judge.rows("SELECT details ->> 'step' FROM audit_entry WHERE action = 'alert_step'")
    assert audited == [("raised",), ("ended",)]


def test_a_worker_that_is_killed_loses_no_alert_and_raises_none_twice(judge):
    let_people_wait(judge, 10)
    judge.now += timedelta(seconds=60)
    judge.waiting(3)

    async def killed() -> None:
        where = session_conninfo(judge.url)
        async with await AsyncConnection.connect(where) as connection:
            await evaluate(connection, judge.channels, judge.now)
            await connection.rollback()

    async def both() -> None:
        async def one() -> None:
            where = session_conninfo(judge.url)
            async with await AsyncConnection.connect(where) as connection:
                await evaluate(connection, judge.channels, judge.now)

        await asyncio.gather(one(), one())

    run(killed())
    assert judge.alerts() == []
    run(both())
    judge.judge()
    assert judge.alerts() == [("nobody_served", "tu-son", "raised")]
    assert judge.rows("SELECT count(*) FROM alert_message") == [(1,)]


def test_a_unit_without_power_is_one_alert_that_explains_the_others(judge):
    judge.store(
        *((build.health(judge.now, address=each, camera="covered"), each) for each in DEVICES)
    )
    judge.judge()
    judge.judge(100)
    for _ in range(12):
        judge.judge(60)
    found = judge.alerts()
    assert ("device_silent", "tu-son", "raised") in found
    (subjects,) = judge.rows("SELECT subjects FROM alert WHERE rule = 'device_silent'")
    assert subjects == (["quay-1/edge-1", "quay-2/edge-2"],)
    assert [state for rule, _, state in found if rule == "camera_hidden"] in ([], ["resolved"])
    judge.store(*((build.health(judge.now, address=each, camera="ok"), each) for each in DEVICES))
    judge.judge(1)
    assert {state for _, _, state in judge.alerts()} == {"resolved"}


def test_at_night_nothing_is_silent_that_should_not_be(judge):
    judge.store((build.health(judge.now, address=DEVICES[0]), DEVICES[0]))
    judge.now = at(working_day(), "22:00")
    for _ in range(15):
        judge.judge(60)
    assert judge.alerts() == []


def ratings_of(days, satisfied: int, of: int):
    for day in days:
        for i in range(of):
            score = 5 if i < satisfied else 2
            yield build.rating(
                at(day, "09:00") + timedelta(seconds=60 * i), score, address=DEVICES[0]
            )


def worked_days(last, count: int):
    return [CALENDAR.shift(last, -number) for number in range(count)]


def looking(judge: Judge, day, clock: str = "17:45") -> Judge:
    judge.now = at(day, clock)
    judge.judge()
    return judge


def test_a_fall_of_satisfaction_is_raised_once_and_ends_when_it_is_usual_again(judge):
    last = working_day()
    days = worked_days(last, 44)
    judge.store(*((each, DEVICES[0]) for each in ratings_of(days[3:], 26, 30)))
    judge.store(*((each, DEVICES[0]) for each in ratings_of(days[:3], 18, 30)))
    looking(judge, last, "17:00")
    assert judge.alerts() == [], "before the look's time nobody looks"
    looking(judge, last)
    looking(judge, last, "17:50")
    assert judge.alerts() == [("satisfaction_fall", "tu-son", "raised")]
    told = judge.rows("SELECT value, n, usual_low FROM alert")
    assert told == [(None, 0, None)], "opinions are told by readings alone"
    following = [
        working_day(last),
        working_day(working_day(last)),
        working_day(working_day(working_day(last))),
    ]
    judge.store(*((each, DEVICES[0]) for each in ratings_of(following, 27, 30)))
    looking(judge, following[-1])
    assert judge.alerts() == [("satisfaction_fall", "tu-son", "resolved")]


def test_what_late_data_contradict_is_withdrawn(judge):
    last = working_day()
    days = worked_days(last, 44)
    judge.store(*((each, DEVICES[0]) for each in ratings_of(days[3:], 26, 30)))
    judge.store(*((each, DEVICES[0]) for each in ratings_of(days[:3], 18, 30)))
    looking(judge, last)
    late = [
        build.rating(at(day, "14:00") + timedelta(seconds=60 * i), 5, address=DEVICES[1])
        for day in days[:3]
        for i in range(120)
    ]
    judge.store(*((each, DEVICES[1]) for each in late))
    after = working_day(last)
    judge.store(*((each, DEVICES[0]) for each in ratings_of([after], 26, 30)))
    looking(judge, after)
    assert judge.alerts() == [("satisfaction_fall", "tu-son", "withdrawn")]
    assert judge.rows("SELECT note FROM alert_step WHERE step = 'withdrawn'") == [("late_data",)]


def test_a_week_that_late_data_contradict_is_withdrawn_at_the_next_look(judge, monkeypatch):
    monday = working_day() + timedelta(days=7)
    monday -= timedelta(days=monday.weekday())
    newest = 90.0

    async def read(_connection, rule, _tree, day, _now) -> Series:
        first, end = span(rule, day)
        weeks = tuple(first + timedelta(weeks=n) for n in range((end - first).days // 7))
        late = {monday - timedelta(weeks=1): newest}
        value = np.array([[late.get(each, 8.0 + each.day % 3) for each in weeks]])
        return Series(units=("tu-son",), days=weeks, value=value, n=np.full_like(value, 40.0))

    monkeypatch.setattr("server.alerts.evaluation.read_series", read)
    looking(judge, monday, "08:00")
    assert ("dossiers_overdue_rising", "tu-son", "raised") in judge.alerts()
    newest = 9.0
    looking(judge, monday + timedelta(days=7), "08:00")
    assert ("dossiers_overdue_rising", "tu-son", "withdrawn") in judge.alerts()
    notes = judge.rows("SELECT note FROM alert_step WHERE step = 'withdrawn'")
    assert ("late_data then=90 since=9",) in notes


def test_old_events_that_come_all_at_once_raise_nothing(judge):
    last = working_day()
    old = worked_days(last - timedelta(days=200), 60)
    judge.store(*((each, DEVICES[0]) for each in ratings_of(old[10:], 26, 30)))
    judge.store(*((each, DEVICES[0]) for each in ratings_of(old[:10], 3, 30)))
    judge.store(
        build.observation(at(old[0], "09:00"), 40),
        build.health(at(old[0], "09:00"), camera="covered", outbox_depth=90_000),
    )
    for clock in ("10:00", "17:45"):
        looking(judge, last, clock)
    assert [rule for rule, _, _ in judge.alerts()] in ([], ["device_silent"])
    assert judge.rows("SELECT judged FROM alert_look WHERE rule = 'satisfaction_fall'") == [(0,)]


def test_what_nobody_takes_escalates_by_working_hours_and_a_snoozed_one_wakes(judge):
    judge.channels = (SCREEN, Channel(name="leader", kind=Kind.APPRISE, to=("leader",)))
    let_people_wait(judge, 12)
    assert judge.rows("SELECT DISTINCT channel FROM alert_message") == [("unit",)]
    let_people_wait(judge, 31)
    told = judge.rows(
        "SELECT alert_step.step, channel FROM alert_message"
        " JOIN alert_step ON number = alert_message.step AND alert_step.alert = alert_message.alert"
        " ORDER BY number"
    )
    assert told == [("raised", "unit"), ("escalated", "leader")]
    until = judge.now + timedelta(seconds=90)
    asking.ask(
        judge.url,
        lambda connection: connection.execute(
            "UPDATE alert SET state = 'snoozed', snoozed_until = %s", [until]
        ),
    )
    let_people_wait(judge, 2)
    assert judge.rows("SELECT state FROM alert") == [("raised",)]


def test_a_rule_that_the_province_switches_off_ends_its_alerts(judge):
    from dataclasses import replace

    from server.alerts.library import shipped

    let_people_wait(judge, 12)
    rule = replace(shipped()["nobody_served"], enabled=False, version=2)
    asking.ask(
        judge.url,
        partial(change_rule, rule=rule, by="admin", reason="thử", now=judge.now),
    )
    let_people_wait(judge, 1)
    assert judge.alerts() == [("nobody_served", "tu-son", "resolved")]


def test_figures_that_cannot_be_read_keep_no_other_rule_from_being_judged(judge):
    let_people_wait(judge, 10)
    judge.change("ALTER TABLE complaint RENAME TO complaint_away")
    let_people_wait(judge, 3)
    assert judge.alerts() == [("nobody_served", "tu-son", "raised")]
    unjudged = judge.rows("SELECT rule, problem FROM alert_unjudged")
    assert unjudged == [("complaints_near_deadline", "UndefinedTable")]
    state = asking.ask(judge.url, read_server_state)
    assert [each.code for each in state.alarms] == ["alert_rules_unjudged"]
    judge.change("ALTER TABLE complaint_away RENAME TO complaint")
    judge.judge(1)
    assert judge.rows("SELECT rule FROM alert_unjudged") == []


def test_a_look_that_fails_keeps_no_other_from_being_made_and_is_made_again(judge, monkeypatch):
    read, failing = evaluation.read_series, True

    async def sometimes(connection, rule, *given) -> Series:
        if failing and rule.id == "satisfaction_fall":
            await connection.execute("SELECT 1 / 0")
        return await read(connection, rule, *given)

    monkeypatch.setattr("server.alerts.evaluation.read_series", sometimes)
    looking(judge, working_day())
    made = "SELECT rule FROM alert_look WHERE rule IN ('satisfaction_fall', 'suspect_ratings')"
    assert judge.rows(made) == [("suspect_ratings",)]
    failing = False
    judge.judge(5)
    assert judge.rows(made) == [("suspect_ratings",)], "not at every judgement"
    judge.judge(60)
    assert len(judge.rows(made)) == 2
    assert judge.rows("SELECT rule FROM alert_unjudged") == []
