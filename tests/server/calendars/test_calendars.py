"""Working days are counted by the calendar of the public sector and a province's own dates."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.local_time import LOCAL_TIME
from server.calendars.calendars import MONDAY_TO_FRIDAY, OFFICE_HOURS, Calendar, Rules
from server.calendars.holidays import VietnameseHolidays

HOLIDAYS = VietnameseHolidays()
OFFICE = Calendar(Rules(), HOLIDAYS)
MORNING = ((time(7, 30), time(11, 30)),)
CASE = "cases/vn-calendar-2026/calendar.json"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_TIME)


@pytest.fixture
def published(shared: Path) -> dict:
    return json.loads(shared.joinpath(CASE).read_text(encoding="utf-8"))


@pytest.mark.shared
def test_default_calendar_of_2026_is_the_published_one(published):
    case = published
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    off = {day.isoformat() for day in year if day.weekday() < 5 and not OFFICE.is_worked(day)}
    worked = {day.isoformat() for day in year if day.weekday() >= 5 and OFFICE.is_worked(day)}
    assert off == set(case["off"])
    assert worked == set(case["worked"])


@pytest.mark.shared
def test_published_due_days_are_reproduced(published):
    for case in published["cases"]:
        due = OFFICE.due(at(case["received"]), case["working_days"])
        assert due.date().isoformat() == case["due"], case["why"]


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-08-20T09:00", 3, "2026-08-24T17:00"),  # Saturday 22 August is worked
        ("2026-08-27T09:00", 2, "2026-09-03T17:00"),
        ("2026-02-13T16:00", 1, "2026-02-23T17:00"),  # over Tet
        ("2026-11-23T10:00", 1, "2026-11-25T17:00"),
        ("2025-11-24T10:00", 1, "2025-11-25T17:00"),  # no holiday before 2026
    ],
)
def test_limit_of_whole_days_ends_with_the_hours_of_its_last_day(received, days, due):
    assert OFFICE.due(at(received), days) == at(due)


def test_what_is_received_late_counts_from_the_next_working_day():
    friday = at("2026-10-02T15:30")
    assert OFFICE.due(friday, 1) == at("2026-10-05T17:00")
    assert OFFICE.due(friday, 1, late_after=time(15)) == at("2026-10-06T17:00")
    assert OFFICE.due(at("2026-10-02T15:00"), 1, late_after=time(15)) == at("2026-10-05T17:00")


def test_limit_of_half_a_day_runs_from_the_moment_of_receipt():
    # 7.5 hours are worked: half a day is 3 h 45 min.
    assert OFFICE.due(at("2026-10-05T07:30"), 0.5) == at("2026-10-05T11:15")
    assert OFFICE.due(at("2026-10-05T15:07:30"), 0.5) == at("2026-10-06T09:22:30")


def test_own_days_stand_above_public_holidays():
    own = Rules(days={date(2026, 1, 2): (), date(2026, 1, 10): MORNING, date(2026, 9, 1): MORNING})
    calendar = Calendar(own, HOLIDAYS)
    assert calendar.shift(date(2025, 12, 31), 1) == date(2026, 1, 5)
    assert calendar.hours(date(2026, 1, 10)) == MORNING
    assert calendar.closing(date(2026, 9, 1)) == at("2026-09-01T11:30")


def test_half_day_of_saturday_is_a_working_day():
    weekly = (*(OFFICE_HOURS,) * 5, MORNING, ())
    calendar = Calendar(Rules(weekly=weekly), HOLIDAYS)
    assert calendar.due(at("2026-10-02T09:00"), 1) == at("2026-10-03T11:30")
    assert calendar.days_between(at("2026-10-03T07:30"), at("2026-10-03T09:30")) == 0.5


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-10-05T07:30", "2026-10-05T17:00", 1.0),
        ("2026-10-05T12:00", "2026-10-05T13:00", 0.0),
        ("2026-10-02T17:00", "2026-10-05T07:30", 0.0),
        ("2026-10-02T07:30", "2026-10-06T17:00", 3.0),
        ("2025-12-31T07:30", "2026-01-02T17:00", 2.0),
        ("2026-10-06T17:00", "2026-10-05T07:30", 0.0),
    ],
)
def test_time_between_is_counted_in_working_days(start, end, days):
    assert OFFICE.days_between(at(start), at(end)) == pytest.approx(days)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=LOCAL_TIME, microsecond=0)
)


@given(moments, st.floats(0, 400))
def test_advancing_goes_as_far_as_the_time_between(start, days):
    end = OFFICE.advance(start, days)
    assert OFFICE.days_between(start, end) == pytest.approx(days, abs=1e-5)


@given(moments, moments, moments)
def test_time_between_adds_up(first, second, third):
    first, second, third = sorted((first, second, third))
    whole = OFFICE.days_between(first, third)
    parts = OFFICE.days_between(first, second) + OFFICE.days_between(second, third)
    assert whole == pytest.approx(parts, abs=1e-6)


def test_day_back_and_forth_is_the_same_working_day():
    day = date(2026, 10, 7)
    assert OFFICE.shift(OFFICE.shift(day, -3), 3) == day
    assert MONDAY_TO_FRIDAY[5] == ()
