"""Drop-downs speak the screen's language and keep what an address asks for."""

from __future__ import annotations

import pytest

from dashboards.desk.choices import dropdown
from dashboards.desk.period_choices import named_period
from dashboards.look.texts import speaking

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
