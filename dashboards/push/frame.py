"""What stands around a wall's rows: header, names of families and columns, legend, pages.

Columns carry their name once, above the scope's large figures; every unit's row stands under them.
Official, operation and experience are columns of their own plane and heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from contract.readings import Measure, Place
from dashboards.api.views import View
from dashboards.look.texts import SENTIMENTS, Bilingual, name_of, say, spans
from dashboards.push.cells import render_age
from dashboards.push.columns import Column, families
from dashboards.push.scenes import DATA_AGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The places of one page of rows, and where in all pages it stands."""

    index: int
    count: int
    rows: int
    first: int
    units: tuple[Place, ...]


def render_frame(
    province_name: str, columns: Sequence[Column], view: View, page: Page, *, alone: bool
) -> Component:
    """Return the wall without its rows, which `head` and `units` are filled with."""
    units = len(view.places) - 1
    said = html.Div(spans(say("wall.no_units")), className="waiting")
    rows = html.Div(id="units", className="rows", style={"--rows": page.rows})
    return html.Main(
        [
            render_header(province_name),
            *_alarms(view),
            html.Section(
                [
                    html.Div(list(_planes(columns)), className="row planes"),
                    html.Div(list(_headings(columns)), className="row headings"),
                    html.Div([_key(columns), *map(_label, columns)], className="row labels"),
                    html.Div(id="head"),
                    rows if units or alone else said,
                ],
                id="matrix",
                className="matrix alone" if alone else "matrix",
            ),
            _footer(page.count, units, columns),
        ],
        className="wall",
    )


def _alarms(view: View) -> Iterator[Component]:
    """Yield what is wrong with the server itself: no figure is as true as usual."""
    said = [html.Div(spans(Bilingual(vi=each.text_vi, en=each.text_en))) for each in view.alarms]
    if said:
        yield html.Div(said, className="alarm")


def render_header(province_name: str) -> Component:
    """Return the header: where, what day and time it is, and whether the figures are live."""
    return html.Header(
        [
            html.Div([html.H1(province_name), html.P(spans(say("wall.place")))], className="place"),
            html.Div(
                [html.Span(className="date"), html.Span(className="weekday-en")], className="day"
            ),
            html.Div(className="clock"),
            html.Div(spans(say("link.live")), className="link"),
            html.Div(spans(say("link.aged")), className="link aged"),
            html.Div(spans(say("link.empty")), className="link empty"),
        ]
    )


def _planes(columns: Sequence[Column]) -> Iterator[Component]:
    """Yield the grounds that keep official and experience visibly apart, from top to bottom."""
    for family, span in families(columns):
        yield html.Div(className=f"plane {family}", style=span)


def _headings(columns: Sequence[Column]) -> Iterator[Component]:
    """Yield the families' headings, each over its columns."""
    for family, span in families(columns):
        yield html.Div(spans(say(f"family.{family}")), className="heading", style=span)


def _key(columns: Sequence[Column]) -> Component:
    """Return what holds for all columns: the day, what an interval covers, the sign of an age."""
    ages = [d for column in columns for d in column.definitions if d.id == DATA_AGE]
    signs = [html.Div([render_age(), *spans(name_of(d))]) for d in ages]
    said = [html.Div(spans(say(key))) for key in ("wall.today", "wall.interval")]
    return html.Div([*said, *signs], className="label key")


def _label(column: Column) -> Component:
    """Return the KPIs' names; what holds for the whole wall stands once, in the key."""
    named = [name_of(d) for d in column.definitions if d.id != DATA_AGE]
    texts = named or [name_of(d) for d in column.definitions]
    vi = "\u00a0· ".join(text.vi for text in texts)
    en = "\u00a0· ".join(text.en for text in texts)
    return html.Div(spans(Bilingual(vi=vi, en=en)), className="label")


def _footer(pages: int, count: int, columns: Sequence[Column]) -> Component:
    """Return where in the pages the wall is, and what the colours mean."""
    legend = [
        html.Span([html.I(className=name), *spans(say(f"sentiment.{name}"))])
        for name in SENTIMENTS
        if any(column.definitions[0].measure is Measure.MIX for column in columns)
    ]
    units = say("wall.units")
    position = [
        html.Span([f"{units.vi} ", html.Span(className="range"), f" / {count}"]),
        html.Span(units.en, className="en"),
    ]
    return html.Footer(
        [
            html.Div([html.I() for _ in range(pages)] if pages > 1 else [], className="dots"),
            html.Div(legend, className="legend"),
            html.Div(position, className="position"),
        ]
        if count > 1
        else []
    )
