"""Days and times as offices write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.local_time import LOCAL_TIME
from server.tabular.days import FIRST, LAST, day, instant
from server.tabular.refusals import Refusal

AT = datetime(2026, 6, 9, 8, 30, tzinfo=LOCAL_TIME)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=LOCAL_TIME)
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-09 08:30",
        "2026-06-09T08:30:00",
        "2026-06-09T08:30:00+07:00",
        "2026-06-09T01:30:00Z",
        "20260609083000",
        "09/06/2026 08:30",
        "9/6/2026 8h30",
        "09-06-2026, 8:30:00",
        "46182.3541666667",
        46182.3541666667,
        datetime(2026, 6, 9, 8, 30),
    ],
)
def test_time_is_read_in_any_usual_form(text):
    assert instant(text) == AT


@pytest.mark.parametrize(
    "text", ["2026-06-09", "9/6/2026", "09.06.2026", "20260609", "46182", 46182.0, date(2026, 6, 9)]
)
def test_day_is_read_in_any_usual_form(text):
    assert day(text) == date(2026, 6, 9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("09/06/26", "short_year"),
        ("9-6-26 08:30", "short_year"),
        ("06/13/2026", "not_a_day"),
        ("31/02/2026", "not_a_day"),
        ("2026-06-09 25:00", "not_a_day"),
        ("1026-06-09", "not_a_day"),
        ("99991231", "not_a_day"),
        ("tomorrow", "not_a_day"),
        ("1", "not_a_day"),
        (True, "not_a_day"),
        ("99999999999999999999", "not_a_day"),
    ],
)
def test_what_is_no_day_is_refused(text, code):
    found = day(text)
    assert isinstance(found, Refusal)
    assert found.code == code


@given(INSTANTS)
def test_every_form_of_a_time_means_the_same(at):
    serial = (at.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)
    forms = (
        at.isoformat(),
        at.astimezone(UTC).isoformat(),
        f"{at:%Y%m%d%H%M%S}",
        f"{at:%d/%m/%Y %H:%M:%S}",
        serial,
    )
    assert {instant(form) for form in forms} == {at}


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text):
    found = instant(text)
    if isinstance(found, datetime):
        assert found.tzinfo is UTC
        assert FIRST <= found.astimezone(LOCAL_TIME).date() <= LAST
