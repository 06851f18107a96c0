"""Periods: their bounds in Viet Nam, their texts, and what comes before them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.local_time import LOCAL_TIME
from server.errors import PeriodInvalid
from server.periods import NOW, Period, Step, day_of, today

AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)  # Saturday 10:00 in Viet Nam
days = st.dates(date(2001, 1, 1), date(2198, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026-10-31", date(2026, 10, 31), date(2026, 11, 1)),
        ("2026-W44", date(2026, 10, 26), date(2026, 11, 2)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-10-01..2026-10-15", date(2026, 10, 1), date(2026, 10, 16)),
    ],
)
def test_named_period_has_its_days_and_its_name(text, first, end):
    period = Period.parse(text, AT)
    assert (period.first, period.end, str(period)) == (first, end, text)
    start, stop = period.bounds
    assert start == datetime(first.year, first.month, first.day, tzinfo=LOCAL_TIME)
    assert stop == datetime(end.year, end.month, end.day, tzinfo=LOCAL_TIME)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("day", "2026-11-28"),
        ("week", "2026-W48"),
        ("month", "2026-11"),
        ("quarter", "2026-Q4"),
        ("year", "2026"),
        ("now", "now"),
    ],
)
def test_running_period_is_the_one_that_holds_now(text, named):
    period = Period.parse(text, AT)
    assert str(period) == named
    assert period.is_running(AT)
    assert not period.is_over(AT)


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-13", "2026-02-30", "2026-W54", "2026-Q5", "1999", "2200", "26", "2026-1",
     "2026-10-15..2026-10-01", "2026-10-01..", "2026-10-01..2026-10-02..2026-10-03", "2026-10-1"],
)  # fmt: skip
def test_other_texts_name_no_period(text):
    with pytest.raises(PeriodInvalid):
        Period.parse(text, AT)


@given(days, st.sampled_from(Step))
def test_every_day_lies_in_its_period_whose_neighbour_ends_where_it_begins(day, step):
    period = Period.of(step, day)
    assert period.first <= day < period.end
    assert Period.parse(str(period), AT) == period
    assert period.previous().end == period.first
    assert period.previous().step is step


@given(days, st.integers(0, 400))
def test_range_before_a_range_is_as_long(first, length):
    period = Period.range(first, first + timedelta(days=length))
    before = period.previous()
    assert before.end == period.first
    assert before.end - before.first == period.end - period.first


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("2026-10", "2025-10"),
        ("2024-02-29", "2023-02-28"),
        ("2026-W53", "2025-W52"),
        ("2027-W01", "2026-W01"),
        ("2026-Q4", "2025-Q4"),
        ("2026", "2025"),
        ("2024-02-29..2024-03-01", "2023-02-28..2023-03-01"),
        ("now", "now"),
    ],
)
def test_a_year_earlier(text, earlier):
    assert str(Period.parse(text, AT).a_year_earlier()) == earlier


def test_day_ends_at_local_midnight():
    last = datetime(2026, 10, 5, 16, 59, 59, tzinfo=UTC)
    assert today(last) == date(2026, 10, 5)
    assert today(last + timedelta(seconds=1)) == date(2026, 10, 6)
    day = day_of(last)
    assert not day.is_over(last)
    assert day.is_over(last + timedelta(seconds=1))


@given(days, st.sampled_from(Step), st.sampled_from(Step))
def test_parts_follow_each_other_and_cover_the_whole(day, whole, step):
    period = Period.of(whole, day)
    parts = period.split(step)
    assert parts[0].first <= period.first
    assert parts[-1].end >= period.end
    assert all(one.end == other.first for one, other in pairwise(parts))


def test_now_has_neither_bounds_nor_parts():
    with pytest.raises(ValueError, match="no bounds"):
        _ = NOW.bounds
    with pytest.raises(ValueError, match="no parts"):
        NOW.split(Step.DAY)
