"""Hours of the week as a heat map that is a table: how many come, and how many counters serve."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboards.api.planning import HourPlan
from dashboards.desk.labels import named
from dashboards.look import formats
from dashboards.look.texts import tell

_SHADES = 5


def hours_table(hours: Sequence[HourPlan]) -> Component:
    """Return the table of hours by weekday; the more come in an hour, the darker it is."""
    found = {(each.weekday, each.hour): each for each in hours}
    weekdays = sorted({weekday for weekday, _ in found})
    most = max((each.arrivals_per_hour or 0.0 for each in hours), default=0.0)
    head = [
        html.Td(),
        *(html.Th(formats.weekday(weekday).text, scope="col") for weekday in weekdays),
    ]
    rows = [
        html.Tr(
            [
                html.Th(f"{hour}:00", scope="row"),
                *(_cell(found.get((weekday, hour)), most) for weekday in weekdays),
            ]
        )
        for hour in sorted({hour for _, hour in found})
    ]
    return html.Div(
        [
            html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="heat"),
            html.P(tell("unit.hours_key"), className="note"),
        ],
        className="wide",
        role="region",
        tabIndex=0,
        **named(tell("unit.hours")),
    )


def _cell(told: HourPlan | None, most: float) -> Component:
    if told is None or told.arrivals_per_hour is None:
        return html.Td("–", className="closed")
    shade = 0 if most <= 0 else min(_SHADES, int(_SHADES * told.arrivals_per_hour / most) + 1)
    parts: list[Component] = [html.B(formats.number(told.arrivals_per_hour, 1))]
    if told.open is not None:
        parts.append(html.Span(tell("planning.open", count=formats.number(told.open, 1))))
    return html.Td(parts, className=f"shade-{shade}")
