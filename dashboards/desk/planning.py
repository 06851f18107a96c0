"""The planning page: the counters that a unit needs in each hour of the week, planned and open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from dashboards.api.planning import HourPlan, Planning
from dashboards.api.rest import RestClient
from dashboards.desk.acts import refused
from dashboards.desk.choices import choice, first_unit, period_options, unit_options
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import last_month, named_period
from dashboards.look import formats
from dashboards.look.texts import say, spans, tell

NAME = "planning"
_LATEST = "latest"
"""The choice of no period: the API takes the last twelve weeks."""
_MINUTE_S = 60
_SOME = 0.5
"""Means over days: half a counter fewer than needed is a counter fewer on half of the days."""


class PlanningPage:
    """Reads the API for the unit and period that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("unit"), text("period", _LATEST)),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        units = (await self._api.units()).value or ()
        options = unit_options(units)
        latest = {"label": tell("planning.latest"), "value": _LATEST}
        unit = values["unit"] or await first_unit(self._api, options, last_month(datetime.now(UTC)))
        return html.Main(
            [
                header(NAME),
                html.Div(
                    [
                        choice(NAME, "unit", options, unit),
                        choice(NAME, "period", [latest, *period_options()], values["period"]),
                    ],
                    className="choices",
                ),
                html.Div(await self._content(unit, values["period"]), id=f"{NAME}-content"),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        chosen = [Input(f"{NAME}-{part}", "value") for part in ("unit", "period")]
        app.callback(Output(f"{NAME}-content", "children"), *chosen, prevent_initial_call=True)(
            self._content
        )
        app.callback(
            Output("address", "search", allow_duplicate=True), *chosen, prevent_initial_call=True
        )(self._write_query)

    def _write_query(self, unit: str, period: str) -> str:
        return self.page().write({"unit": unit, "period": period})

    async def _content(self, unit: str, period: str) -> list[Component]:
        if not unit:
            return [html.P(spans(say("desk.nothing_yet")), className="notice")]
        asked = "" if period == _LATEST else period
        answer = await self._api.planning(unit=unit, period=asked)
        if answer.value is None:
            return [refused(answer.error)]
        hours = answer.value.week.hours
        if all(each.arrivals_per_hour is None for each in hours):
            said = say("planning.nothing_seen", period=_said(answer.value.period))
            return [html.P(spans(said), className="notice calm")]
        return [_basis(answer.value), week_table(hours), _key()]


def week_table(hours: Sequence[HourPlan]) -> Component:
    """Return the table of hours by weekday: what is needed stands first, and what was beside it."""
    found = {(each.weekday, each.hour): each for each in hours}
    weekdays = sorted({weekday for weekday, _ in found})
    heads = [html.Th(spans(formats.weekday(weekday)), scope="col") for weekday in weekdays]
    rows = [
        html.Tr(
            [
                html.Th(f"{hour}:00", scope="row"),
                *(_cell(found.get((weekday, hour))) for weekday in weekdays),
            ]
        )
        for hour in sorted({hour for _, hour in found})
    ]
    return html.Table([html.Thead(html.Tr([html.Th(), *heads])), html.Tbody(rows)], className=NAME)


def _cell(told: HourPlan | None) -> Component:
    if told is None:
        return html.Td(className="closed")
    planned = say("planning.planned", count=formats.number(told.planned, 1))
    if told.arrivals_per_hour is None or told.open is None:
        unseen = html.Div(spans(say("planning.unseen")), className="needed withheld")
        return html.Td([unseen, html.Div(spans(planned), className="beside")])
    opened = say("planning.open", count=formats.number(told.open, 1))
    came = say("planning.came", count=formats.number(told.arrivals_per_hour, 1))
    short = told.needed is not None and told.open + _SOME <= told.needed
    needed = (
        say("planning.too_few")
        if told.needed is None
        else say("planning.needed", count=told.needed)
    )
    state = "withheld" if told.needed is None else "short" if short else ""
    return html.Td(
        [
            html.Div(spans(needed), className=f"needed {state}".strip()),
            html.Div([*spans(opened), html.Span(" · "), *spans(planned)], className="beside"),
            html.Div(spans(came), className="beside"),
        ],
        title=_expected(told),
    )


def _expected(told: HourPlan) -> str:
    """Return how people would wait at the needed counters, for whoever points at the cell."""
    if told.wait_s is None or told.share_within is None or told.utilisation is None:
        return ""
    return say(
        "planning.expected",
        wait=str(formats.duration(told.wait_s)),
        within=str(formats.share(told.share_within)),
        busy=str(formats.share(told.utilisation)),
        days=told.seen_days,
    ).text


def _basis(planning: Planning) -> Component:
    """Return what the plan rests on."""
    week = planning.week
    rests = say(
        "planning.basis",
        period=_said(planning.period),
        target=formats.number(week.target_s / _MINUTE_S),
        service="–" if week.service_s is None else formats.number(week.service_s / _MINUTE_S, 1),
        variation="–"
        if week.service_variation is None
        else formats.number(week.service_variation, 2),
        arrivals=formats.number(week.arrival_variation, 2),
    )
    return html.P(spans(rests), className="basis")


def _said(period: str) -> str:
    """Return the period in words, with its first letter as in a sentence."""
    named_so = named_period(period)
    return named_so[:1].upper() + named_so[1:]


def _key() -> Component:
    return html.P(spans(say("planning.key")), className="explained")
