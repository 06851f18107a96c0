from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from dash import html

from dashboards.desk.pages import Page, Values, conditions, order, text


async def nothing(_: Values) -> html.Div:
    return html.Div()


PAGE = Page(
    name="units",
    parameters=(
        text("scope", "province"),
        text("find"),
        order("sort", "unit"),
        conditions("filter"),
    ),
    layout=nothing,
    register=lambda _: None,
)
DEFAULTS = {"scope": "province", "find": "", "sort": ("unit",), "filter": {}}


def test_an_address_without_parameters_says_the_defaults() -> None:
    assert PAGE.read("") == DEFAULTS
    assert PAGE.write(DEFAULTS) == ""


@pytest.mark.parametrize(
    "values",
    [
        {"find": "Đông & Tây"},
        {"sort": ("-share_satisfied", "unit")},
        {"sort": ()},
        {"scope": "subtree:tu-son", "filter": {"visits": {"type": "greaterThan", "filter": 30}}},
    ],
)
def test_what_an_address_says_is_read_as_it_was_written(values: dict[str, object]) -> None:
    assert PAGE.read(PAGE.write({**DEFAULTS, **values})) == {**DEFAULTS, **values}


def test_only_what_is_not_the_default_stands_in_the_address() -> None:
    written = PAGE.write({**DEFAULTS, "sort": ["-visits"], "find": "yên"})
    assert parse_qs(written[1:]) == {"sort": ["-visits"], "find": ["yên"]}


@pytest.mark.parametrize("query", ["?filter=nonsense", "?filter=[1]", "?unknown=1"])
def test_what_cannot_be_read_is_left_at_its_default(query: str) -> None:
    assert PAGE.read(query) == DEFAULTS
