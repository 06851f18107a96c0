"""Quiet hours, working hours, and what time alone asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from server.alerts.alerts import Alert, Severity, State, Step
from server.alerts.baselines import usual_hours, usual_range
from server.alerts.judgements import believed
from server.alerts.judging import Held
from server.alerts.library import shipped
from server.alerts.signals import open_for_s
from server.alerts.timing import Quiet, due_steps, not_before
from server.calendars.calendars import OFFICE_HOURS
from tests.server.alerts.province import CALENDAR, at

NIGHT = Quiet(start=time(20), end=time(6, 30))
FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("clock", "severity", "told"),
    [
        ("19:59", Severity.SERIOUS, (FRIDAY, "19:59")),
        ("20:00", Severity.SERIOUS, (FRIDAY + timedelta(days=1), "06:30")),
        ("03:00", Severity.NOTICE, (FRIDAY, "06:30")),
        ("06:30", Severity.NOTICE, (FRIDAY, "06:30")),
        ("03:00", Severity.CRITICAL, (FRIDAY, "03:00")),
    ],
)
def test_quiet_hours_delay_what_is_not_critical(clock, severity, told):
    assert not_before(NIGHT, severity, at(FRIDAY, clock)) == at(*told)
    assert not_before(None, severity, at(FRIDAY, clock)) == at(FRIDAY, clock)


def alert(raised_at: datetime, **given: object) -> Alert:
    values = {
        "id": uuid4(), "rule": "nobody_served", "unit": "u", "state": State.RAISED,
        "severity": Severity.CRITICAL, "raised_at": raised_at, "changed_at": raised_at,
        "subjects": (),
    }  # fmt: skip
    return Alert(**(values | given))


@pytest.mark.parametrize(
    ("raised", "now", "steps"),
    [
        ((FRIDAY, "16:45"), (FRIDAY, "17:30"), []),
        ((FRIDAY, "16:45"), (FRIDAY + timedelta(days=2), "12:00"), []),
        ((FRIDAY, "16:45"), (FRIDAY + timedelta(days=3), "07:55"), [Step.ESCALATED]),
    ],
)
def test_escalation_counts_working_hours(raised, now, steps):
    moves = due_steps([alert(at(*raised))], dict(shipped()), lambda _: CALENDAR, at(*now))
    assert [move.step for move in moves] == steps


def test_who_has_taken_it_is_not_passed_over_and_each_level_is_told_once():
    now = at(FRIDAY, "16:00")
    old = at(FRIDAY, "08:00")
    taken = [alert(old, state=State.ACKNOWLEDGED), alert(old, escalated=1), alert(old, rule="gone")]
    assert due_steps(taken, dict(shipped()), lambda _: CALENDAR, now) == []
    snoozed = alert(old, state=State.SNOOZED, snoozed_until=now)
    assert [move.step for move in due_steps([snoozed], {}, lambda _: CALENDAR, now)] == [Step.WOKEN]


@pytest.mark.parametrize(
    ("clock", "open_s"), [("07:29", None), ("07:30", 0), ("11:00", 12_600), ("12:00", None)]
)
def test_silence_is_counted_from_the_opening(clock, open_s):
    assert open_for_s(OFFICE_HOURS, at(FRIDAY, clock)) == open_s


def test_what_is_usual_is_of_the_same_weekday_and_hour_in_closed_weeks_without_holidays():
    hours = usual_hours(FRIDAY, 9)
    assert {each.weekday() for each in hours} == {4}
    assert (hours[0], hours[-1]) == (
        at(FRIDAY - timedelta(days=7), "09:00"), at(FRIDAY - timedelta(days=56), "09:00")
    )  # fmt: skip
    rows = [(each.date(), float(number)) for number, each in enumerate(hours)]
    usual = usual_range(rows, lambda day: day == hours[0].date())
    assert usual is not None
    assert (usual.low, usual.high, usual.weeks) == (1.0, 7.0, 7)
    assert usual_range(rows[:3], lambda day: day == hours[0].date()) is None, "two weeks are few"


def test_what_a_clock_that_was_ahead_has_seen_begins_anew():
    now = at(FRIDAY, "09:00")
    ahead, before = (
        Held(since=now + timedelta(minutes=number), seen_at=now + timedelta(hours=9))
        for number in (1, -5)
    )
    known = {("a", ""): ahead, ("b", ""): before}
    assert believed(known, now) == {("b", ""): before}


def test_no_clock_change_moves_a_working_day():
    """The zone has had no summer time since 1975: a day is a day in UTC as well."""
    assert at(FRIDAY, "07:30") == datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
