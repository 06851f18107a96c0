"""What the table pages, read at a desk, have in common: rows as data, head and navigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import words
from dashboards.screens import Rendered, to_json
from dashboards.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """What one cell says and by what it sorts; rows without a `sort` value come last.

    With `age_of_ms` browsers count the data's age on: as the text, or once stale as the note.
    """

    text: str
    note: str = ""
    sort: str | float | None = None
    state: str = ""
    age_of_ms: int | None = None
    fresh_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row; `search` is its text without diacritics."""

    search: str
    cells: tuple[TableCell, ...]


def render_table(
    name: str, columns: Sequence[Words], rows: dict[str, TableRow], *above: Component
) -> Rendered:
    """Return navigation and head as frame, each row as a part; `above` stands before the table."""
    parts = {key: msgspec.json.encode(row).decode() for key, row in rows.items()}
    return Rendered(frame=to_json(_frame(name, columns, *above)), parts=parts, pages=(tuple(rows),))


def _frame(name: str, columns: Sequence[Words], *above: Component) -> Component:
    heads = [
        html.Th(html.Button([html.Span(text.vi), html.Span(text.en, className="en")]), scope="col")
        for text in columns
    ]
    return html.Main(
        [
            _navigation(name),
            *above,
            html.Table([html.Thead(html.Tr(heads)), html.Tbody(id="rows")]),
            html.P([words.NOTHING.vi, " · ", words.NOTHING.en], className="nothing"),
        ],
        className=f"table {name}",
    )


def _navigation(name: str) -> Component:
    links = [
        html.A(
            [html.Span(text.vi), html.Span(text.en, className="en")],
            href=f"/{target}",
            className="here" if target == name else "",
        )
        for target, text in words.PAGES.items()
    ]
    return html.Header(
        [
            html.Nav(links),
            dcc.Input(
                id="filter", type="search", placeholder=f"{words.FILTER.vi} · {words.FILTER.en}"
            ),
            html.Div([html.Span(className="date"), html.Span(className="clock")], className="now"),
        ]
    )
