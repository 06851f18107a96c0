"""The officer's page: one person's figures beside what is expected of the same work, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from contract.access import Visitor
from contract.readings import KpiDefinition, Measure, Reading
from dashboards.api.rest import Answer, Post, Readings, RestClient
from dashboards.desk.acts import refused, untold
from dashboards.desk.advice import advice
from dashboards.desk.choices import choice, follow_range, period_choice, period_options
from dashboards.desk.drilling import Way, crumbs, read_names
from dashboards.desk.grids import sort_text
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import finer, kind_of, last_month
from dashboards.desk.trend import trend
from dashboards.look.figures import describe, sample
from dashboards.look.texts import name_of, say, spans, tell
from runtime.root_path import below_root

NAME = "officer"

SHOWN = (
    "officer_satisfaction",
    "officer_service_ratio",
    "officer_prompt_discipline",
    "officer_attitude",
    "visits",
    "dossiers_received",
    "dossiers_on_time",
    "complaints_received",
    "complaints_attitude",
)
"""The figures of the page, each with a sentence `officer.limits` on what it does not show."""

_OVER_TIME = frozenset(SHOWN[:3])

_OF_ALL = ("officer_attitude", "dossiers_on_time")
"""What nothing is expected of officer by officer stands beside the same figure of everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Readings of the whole period, and of its parts, by KPI."""

    whole: Answer[Readings]
    parts: Mapping[str, Sequence[Reading]]


class OfficerPage:
    """Reads the API for the officer and period that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry; whose figures may be seen, the API decides."""
        return Page(
            name=NAME,
            parameters=(text("officer"), text("period"), text("kpi"), text("scope")),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        now = datetime.now(UTC)
        visitor = (await self._api.me()).value
        staff = await self._staff(visitor)
        own = visitor.officer if visitor is not None else None
        officer = values["officer"] or own or ""
        period = values["period"] or last_month(now)
        return html.Main(
            [
                header(NAME),
                html.Div(
                    [
                        choice(NAME, "officer", _officers(staff, officer), officer or None),
                        period_choice(NAME, period_options(now), period),
                    ],
                    className="choices",
                ),
                *await self._way_back(values, period),
                dcc.Store(id=f"{NAME}-from", data=[values["kpi"], values["scope"]]),
                html.P(spans(say("officer.intro"))),
                html.Div(await self._content(officer, period), id=f"{NAME}-content"),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        chosen = [Input(f"{NAME}-{part}", "value") for part in ("officer", "period")]
        follow_range(app, NAME)
        app.callback(Output(f"{NAME}-content", "children"), *chosen, prevent_initial_call=True)(
            self._content
        )
        app.callback(
            Output("address", "search", allow_duplicate=True),
            *chosen,
            State(f"{NAME}-from", "data"),
            prevent_initial_call=True,
        )(self._write_query)

    def _write_query(self, officer: str | None, period: str, came: Sequence[str]) -> str:
        kpi, scope = came
        asked = {"officer": officer or "", "period": period, "kpi": kpi, "scope": scope}
        return self.page().write(asked)

    async def _way_back(self, values: Values, period: str) -> list[Component]:
        """Return the way on which somebody came down to the officer, if they did."""
        if not values["kpi"] or not values["scope"]:
            return []
        way = Way(kpi=values["kpi"], scope=values["scope"], period=period)
        units = (await self._api.units()).value or ()
        names = await read_names(self._api, way, "officer", units)
        officer = values["officer"]
        return [crumbs(way, names, names.members.get(officer, officer) or tell("page.officer"))]

    async def _staff(self, visitor: Visitor | None) -> tuple[Post, ...]:
        if visitor is None or not visitor.rights.get("read_staff"):
            return ()
        return (await self._api.staff()).value or ()

    async def _content(self, officer: str | None, period: str) -> list[Component]:
        visitor = (await self._api.me()).value
        own = visitor is not None and visitor.officer
        if visitor is not None and not own and not visitor.rights.get("read_officers"):
            return [html.P(spans(say("officer.no_right")), className="notice")]
        if not officer:
            return [html.P(spans(say("officer.choose")), className="notice")]
        catalogue = {each.id: each for each in (await self._api.catalogue()).value or ()}
        if visitor is None or not catalogue:
            return [refused(None)]
        if officer != visitor.officer and not visitor.rights.get("read_officers"):
            return [html.P(spans(say("officer.no_right")), className="notice")]
        chosen = await self._read(f"{_place(visitor)};officer:{officer}", period)
        if chosen.whole.value is None:
            return [untold(chosen.whole.error, period)]
        found = {each.kpi: each for each in chosen.whole.value.readings}
        of_all = await self._api.readings(kpis=_OF_ALL, scope=_place(visitor), period=period)
        all_ = {each.kpi: each for each in of_all.value.readings} if of_all.value else {}
        objecting = partial(_objection, visitor, officer, period)
        return [
            _article(
                catalogue[kpi], found[kpi], chosen.parts.get(kpi, ()), all_.get(kpi), objecting(kpi)
            )
            for kpi in SHOWN
            if kpi in found and kpi in catalogue
        ]

    async def _read(self, scope: str, period: str) -> _Chosen:
        whole = await self._api.readings(kpis=SHOWN, scope=scope, period=period)
        step = {"month": "week"}.get(kind_of(period), finer(period))
        if whole.value is None or step in ("", "day"):
            return _Chosen(whole=whole, parts={})
        kpis = [kpi for kpi in SHOWN if kpi in _OVER_TIME]
        parts = await self._api.readings(kpis=kpis, scope=scope, period=period, by=(step,))
        readings = parts.value.readings if parts.value else ()
        return _Chosen(
            whole=whole,
            parts={kpi: [each for each in readings if each.kpi == kpi] for kpi in kpis},
        )


def _place(visitor: Visitor) -> str:
    """Return the largest place in which whoever asks may read figures, officers' if any."""
    places = visitor.rights.get("read_officers") or visitor.rights.get("read_figures") or ()
    return places[0] if places else "province"


def _article(
    definition: KpiDefinition,
    reading: Reading,
    parts: Sequence[Reading],
    of_all: Reading | None = None,
    objection: Sequence[Component] = (),
) -> Component:
    said = describe(definition, reading)
    counted = definition.measure is Measure.COUNT
    if said.quantity is None:
        assert said.withheld is not None
        figure = [
            html.Span(spans(said.withheld), className="withheld"),
            html.Span(said.note, className="note"),
        ]
    else:
        figure = [
            html.Span(str(said.quantity), className="value"),
            html.Span(said.note, className="note"),
            html.Span(
                "" if counted or said.note == sample(reading) else sample(reading), className="note"
            ),
        ]
    told = advice(reading)
    return html.Section(
        [
            html.Div([html.H2(spans(name_of(definition))), html.Div(figure)]),
            html.Div(
                [
                    *([html.P(spans(told), className="advice")] if told else []),
                    *_beside(definition, of_all),
                    html.P(spans(say(f"officer.limits.{definition.id}")), className="limit"),
                    *objection,
                ]
            ),
            html.Div(_trend(definition, parts)),
        ],
        className="own",
    )


def _objection(visitor: Visitor, officer: str, period: str, kpi: str) -> list[Component]:
    """Return the way to object to one's own figure; of others', the unit's page objects."""
    places = visitor.rights.get("contest") or ()
    if officer != visitor.officer or not places:
        return []
    unit = places[0].partition(":")[2]
    subject = {"unit": unit, "officer": officer, "kpi": kpi, "period": period}
    address = f"{below_root('/contests')}?{urlencode({'kind': 'figure', **subject})}"
    return [html.P(html.A(tell("officer.contest"), href=address))]


def _beside(definition: KpiDefinition, of_all: Reading | None) -> list[Component]:
    said = None if of_all is None else describe(definition, of_all)
    if said is None or said.quantity is None:
        return []
    told = say("officer.of_all", figure=str(said.quantity), interval=said.note)
    return [html.P(spans(told), className="advice")]


def _trend(definition: KpiDefinition, parts: Sequence[Reading]) -> list[Component]:
    if not any(each.value is not None for each in parts):
        return []
    return [trend(definition, parts, height="9rem")]


def _officers(staff: Sequence[Post], asked: str) -> list[dict[str, Any]]:
    named = {post.code: post.name for post in staff}
    if asked:
        named.setdefault(asked, "")
    found = sorted(named.items(), key=lambda each: (sort_text(each[1]), each[0]))
    return [
        {"label": f"{name} · {code}" if name not in ("", code) else code, "value": code}
        for code, name in found
    ]
