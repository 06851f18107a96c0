"""Drop-downs speak the screen's language and keep what an address asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboards.desk.acts import untold
from dashboards.desk.choices import dropdown, period_choice, range_chosen
from dashboards.desk.period_choices import days_of, finer, named_period
from dashboards.errors import PeriodRefused
from dashboards.look.texts import speaking, tell

NOW = datetime(2026, 10, 20, 3, tzinfo=UTC)

OPTIONS = [{"label": "Xã Dũng", "value": "dung"}]


@pytest.mark.parametrize(("language", "search"), [("vi", "Tìm"), ("en", "Search")])
def test_what_a_drop_down_says_of_itself(language: str, search: str) -> None:
    with speaking(language):
        labels = dropdown("unit", OPTIONS, "dung").labels
    assert labels["search"] == search
    assert "{num_selected}" in labels["selected_count"]


@pytest.mark.parametrize(
    ("value", "offered"), [("dung", ["dung"]), ("nowhere", ["nowhere", "dung"]), ("", ["dung"])]
)
def test_a_value_that_is_not_offered_is_kept(value: str, offered: list[str]) -> None:
    assert [each["value"] for each in dropdown("unit", OPTIONS, value).options] == offered


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2026-09-01..2026-10-15", "01/09/2026–15/10/2026"),
        ("2026-10", "Tháng 10/2026"),
        ("2026-10-05", "05/10/2026"),
        ("x..2026-10-05", "x..2026-10-05"),
        ("dung", "dung"),
    ],
)
def test_a_period_is_said_as_people_write_it_and_any_other_text_stays(period, said):
    assert named_period(period) == said


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("10/09/2026", "15/10/2026", "2026-09-10..2026-10-15"),
        ("1/9/2026", "30/9/2026", "2026-09"),
        ("01.07.2026", "30.09.2026", "2026-Q3"),
        ("01/01/2026", "31/12/2026", "2026"),
        ("05/10/2026", "11/10/2026", "2026-W41"),
        ("05/10/2026", "05/10/2026", "2026-10-05"),
        ("29/12/2025", "04/01/2026", "2026-W01"),
        ("01/08/2026", "30/09/2026", "2026-08-01..2026-09-30"),
    ],
)
def test_written_days_are_a_period_of_the_calendar_where_they_are_one(first, last, period):
    assert range_chosen(first, last, NOW) == (period, "")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "15/10/2026", ""),
        ("31/02/2026", "15/10/2026", "period.unreadable"),
        ("2026-09-10", "15/10/2026", "period.unreadable"),
        ("16/10/2026", "15/10/2026", "period.reversed"),
        ("21/10/2026", "25/10/2026", "period.not_begun"),
    ],
)
def test_days_that_are_no_period_say_what_is_wrong(first, last, said):
    assert range_chosen(first, last, NOW) == ("", tell(said) if said else "")


def test_the_address_range_stands_in_the_fields_as_people_write_it() -> None:
    shown = str(period_choice("rankings", [], "2026-09-10..2026-10-15"))
    assert "value='10/09/2026'" in shown
    assert "value='15/10/2026'" in shown
    assert days_of("2026-10") == days_of("x..y") == ("", "")


@pytest.mark.parametrize(
    ("period", "step"),
    [
        ("2026-09-10..2026-10-15", "day"),
        ("2026-01-10..2026-10-15", "week"),
        ("2024-01-10..2026-10-15", "month"),
        ("2026-Q3", "week"),
        ("2026-10-05", ""),
        ("x..y", ""),
    ],
)
def test_a_range_is_broken_down_by_how_long_it_is(period, step):
    assert finer(period) == step


def test_a_range_that_a_figure_is_not_told_of_is_explained_rather_than_refused() -> None:
    error = PeriodRefused("told by periods of the calendar alone: a day as 2026-10-31")
    assert tell("period.calendar_alone") in str(untold(error, "2026-09-10..2026-10-15"))
    assert "2026-10-31" in str(untold(error, "2026-10"))
