"""Long lists in pages, whose number stands in the address: Dash takes minutes for 500 rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards.desk.labels import named
from dashboards.desk.pages import Values
from dashboards.look.formats import number
from dashboards.look.texts import tell

T = TypeVar("T")

ROWS = 50
"""On one page."""


def paged(
    rows: Sequence[T], values: Values, parameter: str = "page"
) -> tuple[Sequence[T], list[Component]]:
    """Return the rows of the page that the address asks for, and the links to its neighbours."""
    last = max(0, len(rows) - 1) // ROWS
    asked = str(values.get(parameter) or "1")
    place = min(last, max(1, int(asked)) - 1) if asked.isdecimal() else 0
    first = place * ROWS
    shown = rows[first : first + ROWS]
    return shown, [] if last == 0 else [_links(values, parameter, (first, len(rows), place, last))]


def _links(values: Values, parameter: str, where: tuple[int, int, int, int]) -> Component:
    first, of, place, last = where
    said = tell(
        "paging.rows",
        first=number(first + 1),
        last=number(min(first + ROWS, of)),
        of=number(of),
    )
    before = [_link(values, parameter, place, tell("paging.before"))] if place > 0 else []
    after = [_link(values, parameter, place + 2, tell("paging.after"))] if place < last else []
    return html.Nav(
        [html.Span(said), *before, *after], className="paging", **named(tell("paging.rows_of"))
    )


def _link(values: Values, parameter: str, page: int, said: str) -> Component:
    kept: dict[str, Any] = {name: value for name, value in values.items() if value}
    return html.A(said, href=f"?{urlencode(kept | {parameter: page})}")
