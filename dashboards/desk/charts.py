"""The one way in which a desk page shows a chart: with its name, and the same figures as a table.

Whoever cannot see a chart hears its name and that the table follows; the table opens for anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.desk.labels import named
from dashboards.look.texts import tell

MOST_ROWS = 250
"""A longer table would take longer to draw than its page; the page's grid has the same figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a chart as a table: its heads, and rows that each begin with their name."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def chart(
    figure: Mapping[str, Any],
    table: Component,
    *,
    name: str,
    height: str,
    chart_id: str = "",
    caption: Sequence[Component] = (),
    notes: Sequence[Component] = (),
) -> html.Figure:
    """Return a chart below its caption, which is its name unless another is given.

    `table` is what `figures_table` returns of the same figures; `height` is a length of CSS. With a
    `chart_id` its graph and `-figures` can be changed later.
    """
    ids: dict[str, Any] = {"id": chart_id} if chart_id else {}
    holder: dict[str, Any] = {"id": f"{chart_id}-figures"} if chart_id else {}
    graph = dcc.Graph(
        figure=figure,
        config={"displayModeBar": False},
        responsive=True,
        style={"height": height},
        **ids,
    )
    return html.Figure(
        [
            html.Figcaption(list(caption) or name),
            html.Div(
                graph,
                role="img",
                style={"minHeight": height},  # before it is drawn, too: nothing below moves
                **named(tell("chart.of", name=name)),
            ),
            *notes,
            html.Details(
                [
                    html.Summary(tell("chart.table")),
                    html.Div(
                        table,
                        className="wide",
                        role="region",
                        tabIndex=0,
                        **named(tell("chart.table_of", name=name)),
                        **holder,
                    ),
                ],
                className="figures-table",
            ),
        ],
        className="chart",
    )


def figures_table(figures: Figures, name: str) -> Component:
    """Return the figures as a table; where they are too many, where else they stand.

    The browser makes the table when it is opened (`figures.js`): as components of Dash, each of
    which is told of every change of the page, two tables of a hundred rows took most of its time.
    """
    if len(figures.rows) > MOST_ROWS:
        return html.P(tell("chart.in_grid"), className="note")
    told = {"name": name, "heads": list(figures.heads), "rows": [list(row) for row in figures.rows]}
    held: dict[str, Any] = {"data-figures": json.dumps(told, ensure_ascii=False)}
    return html.Div(**held)
