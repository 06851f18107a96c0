"""The unit's page: today as it happens, and a period with its trends, reasons and hours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Reading
from dashboards.api.asking import asked_by, asking
from dashboards.api.offices import Serving
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import refused, table, untold
from dashboards.desk.annotations import noted
from dashboards.desk.cards import Told, by_kpi, cards, definitions, said_of
from dashboards.desk.choices import choices, follow, period_options, unit_options
from dashboards.desk.hours import hours_table
from dashboards.desk.labels import named
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import is_range, last_month, lookback, named_period
from dashboards.desk.standing_rows import place_of
from dashboards.desk.standings import ranked_text
from dashboards.desk.trend import trend, trend_key
from dashboards.look import formats
from dashboards.look.texts import name_of, say_if_known, tell
from runtime.root_path import below_root

NAME = "unit"
REFRESH_S = 5
LIVE = ("people_waiting", "expected_wait", "open_counters", "devices_online")
TODAY = (
    "visits",
    "ratings",
    "share_satisfied",
    "median_wait",
    "dossiers_received",
    "dossiers_done",
)
COUNTERS = ("people_waiting", "open_counters", "visits", "share_satisfied", "median_service")
OVER_TIME = ("share_satisfied", "waited_within_15", "visits", "dossiers_on_time")
SATISFACTION = ("share_satisfied", "ratings", "response_rate", "suspect_share", "experience_index")
WAITING = ("median_wait", "wait_p90", "waited_within_15", "abandonment", "median_service")
DOSSIERS = (
    "dossiers_received",
    "dossiers_done",
    "dossiers_on_time",
    "dossiers_overdue",
    "processing_time",
    "dossiers_supplemented",
    "filed_online",
)
FACES = ("change_of_expression", "prompts_when_unhappy")
COMPLAINTS = ("complaints_received", "complaints_open", "complaints_overdue", "complaints_on_time")

Catalogue: TypeAlias = Mapping[str, KpiDefinition]
PartOfPage: TypeAlias = Callable[[str, str, Catalogue], Awaitable[list[Component]]]

_RANKED = ("share_satisfied", "dossiers_on_time", "waited_within_15")


class UnitPage:
    """Reads the API for the unit and period that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("unit"), text("period"), text("scope")),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        units = unit_options((await self._api.units()).value or ())
        given = values["unit"] or values["scope"].partition(":")[2]
        period = values["period"] or last_month(datetime.now(UTC))
        unit = given or await self._first(units, period)
        return html.Main(
            [
                header(NAME),
                choices(NAME, (("unit", units, unit), ("period", period_options(), period))),
                html.Div(list(await self._content(unit, period)), id=f"{NAME}-content"),
                dcc.Interval(id=f"{NAME}-refresh", interval=REFRESH_S * 1000),
            ],
            className=f"desk {NAME}",
        )

    async def _first(self, units: Sequence[Mapping[str, Any]], period: str) -> str:
        """Return the visitor's own unit, else the first that has figures of the period."""
        found = visitor()
        for scope in () if found is None else found.rights.get("read_figures", ()):
            if scope.startswith("subtree:"):
                return scope.removeprefix("subtree:")
        answer = await self._api.readings(
            kpis=("visits",), scope="province", period=period, by=("unit",)
        )
        readings = answer.value.readings if answer.value else ()
        told = {each.scope.removeprefix("subtree:") for each in readings if each.value}
        values = [each["value"] for each in units]
        return next((each for each in values if each in told), values[0] if values else "")

    def _register(self, app: Dash) -> None:
        follow(app, self.page(), ("unit", "period"), self._content)
        for part, content in self._parts().items():
            app.callback(Output(f"{NAME}-{part}", "children"), Input(f"{NAME}-asked", "data"))(
                partial(self._part_of, content)
            )
        app.callback(
            Output(f"{NAME}-live", "children"),
            Input(f"{NAME}-refresh", "n_intervals"),
            State(f"{NAME}-unit", "value"),
            prevent_initial_call=True,
        )(self._again)

    async def _again(self, _: int, unit: str) -> list[Component]:
        with asked_by(replace(asking(), automatic=True)):
            return await self._live(unit)

    async def _content(self, unit: str, period: str) -> Sequence[Component]:
        if not unit:
            return [html.P(tell("desk.nothing_yet"), className="notice")]
        live, serving = await asyncio.gather(self._live(unit), self._serving(unit))
        loading = html.P(tell("desk.loading"), className="notice calm loading", role="status")
        return [
            html.H2(tell("unit.today")),
            html.Div(live, id=f"{NAME}-live", className="live"),
            *serving,
            html.H2(named_period(period)),
            dcc.Store(id=f"{NAME}-asked", data=[unit, period]),
            *(
                html.Div([] if number else [loading], id=f"{NAME}-{part}")
                for number, part in enumerate(self._parts())
            ),
        ]

    def _parts(self) -> dict[str, PartOfPage]:
        """Return the parts of a period, in order; each is shown as soon as it is there."""
        return {
            "over-time": self._over_time,
            "figures": self._figures,
            "compared": self._compared,
        }

    async def _part_of(self, content: PartOfPage, asked: Sequence[str]) -> list[Component]:
        unit, period = asked
        return await content(unit, period, await definitions(self._api))

    async def _live(self, unit: str) -> list[Component]:
        scope = f"subtree:{unit}"
        catalogue = await definitions(self._api)
        ask = partial(self._api.readings, scope=scope)
        now, today, *by_counter = await asyncio.gather(
            ask(kpis=LIVE),
            ask(kpis=TODAY, period="day"),
            *(ask(kpis=(kpi,), by=("counter",)) for kpi in COUNTERS),
        )
        if now.value is None and today.value is None:
            return [refused(now.error or today.error)]
        found = by_kpi(now.value) | by_kpi(today.value)
        told = Told(catalogue=catalogue, readings=found)
        at = now.at or today.at
        readings = [each for answer in by_counter if answer.value for each in answer.value.readings]
        return [
            cards(told.pairs((*LIVE, *TODAY))),
            _counters(catalogue, readings),
            html.P(
                tell("unit.at", at="–" if at is None else formats.date_time(at)), className="note"
            ),
        ]

    async def _serving(self, unit: str) -> list[Component]:
        """Return who serves now; asked for once a look, for each look is in the audit log."""
        if not may("read_staff"):
            return []
        answer = await self._api.read(f"/serving?{urlencode({'unit': unit})}", tuple[Serving, ...])
        if answer.value is None:
            return []
        rows = [
            (
                each.counter,
                f"{each.name} ({each.officer})",
                tell("unit.signed_on" if each.signed_on else "unit.rostered"),
                f"{formats.clock(each.since)}–{formats.clock(each.until)}",
            )
            for each in answer.value
        ]
        columns = ("counter", "who", "by", "time")
        label = tell("unit.serving.title")
        return _part("unit.serving.title", table("unit.serving", columns, rows, label=label))

    async def _over_time(self, unit: str, period: str, catalogue: Catalogue) -> list[Component]:
        scope = f"subtree:{unit}"
        trends, noted_then = await asyncio.gather(
            self._trends(scope, period, catalogue), noted(self._api, scope, period)
        )
        return [*trends, *noted_then]

    async def _figures(self, unit: str, period: str, catalogue: Catalogue) -> list[Component]:
        # A range of days has no figures about opinions: what else there is, is asked for apart.
        opinions, others = (*SATISFACTION, "reasons"), (*WAITING, *DOSSIERS, *COMPLAINTS)
        asked = (opinions, others) if is_range(period) else ((*opinions, *others),)
        ask = partial(self._api.readings, scope=f"subtree:{unit}", period=period)
        answers, hours, faces = await asyncio.gather(
            asyncio.gather(*(ask(kpis=kpis) for kpis in asked)),
            self._hours(unit, period),
            self._faces(unit, period, catalogue),
        )
        if answers[-1].value is None:
            return [untold(answers[-1].error, period)]
        found = [by_kpi(answer.value) for answer in answers]
        told = Told(catalogue=catalogue, readings={**found[0], **found[-1]})
        missing = answers[0].value is None
        satisfied = untold(answers[0].error, period) if missing else cards(told.pairs(SATISFACTION))
        return [
            *_part("unit.satisfaction", satisfied),
            *_reasons(told.readings.get("reasons")),
            *_part("unit.waiting", cards(told.pairs(WAITING))),
            *hours,
            *faces,
            *_part("unit.dossiers", cards(told.pairs(DOSSIERS))),
            *_part("unit.complaints", cards(told.pairs(COMPLAINTS))),
        ]

    async def _compared(self, unit: str, period: str, catalogue: Catalogue) -> list[Component]:
        contest = f"{below_root('/contests')}?kind=figure&unit={unit}&period={period}"
        return [
            *await self._similar(unit, period, catalogue),
            html.P(html.A(tell("unit.contest"), href=contest)),
        ]

    async def _trends(self, scope: str, period: str, catalogue: Catalogue) -> list[Component]:
        span, step = lookback(period)
        told = (
            await self._api.control_limits(kpis=OVER_TIME, scope=scope, period=span, by=step)
        ).value
        limits = {each.kpi: each for each in told.limits} if told else {}
        readings = told.readings if told else ()
        drawn = [
            trend(
                catalogue[kpi],
                [each for each in readings if each.kpi == kpi],
                height="11rem",
                limits=limits.get(kpi),
            )
            for kpi in OVER_TIME
            if kpi in catalogue
        ]
        return [
            html.H3(tell(f"unit.trends.{step}")),
            html.Div(drawn, className="trends"),
            trend_key(limits=bool(limits)),
        ]

    async def _faces(self, unit: str, period: str, catalogue: Catalogue) -> list[Component]:
        """Return how expressions changed over visits by shift, never by officer, and its limits."""
        found: dict[str, dict[str, Reading]] = {}
        ask = partial(self._api.readings, kpis=FACES, scope=f"subtree:{unit}", period=period)
        for answer in await asyncio.gather(ask(), ask(by=("shift",))):
            for each in answer.value.readings if answer.value else ():
                shift = each.scope.partition("shift:")[2]
                found.setdefault(shift, {})[each.kpi] = each
        shown = [kpi for kpi in FACES if kpi in catalogue]
        rows = [
            (
                tell(f"unit.shift.{shift or 'whole'}"),
                *(said_of(catalogue[kpi], told[kpi]) if kpi in told else "–" for kpi in shown),
            )
            for shift in ("morning", "afternoon", "")
            if (told := found.get(shift))
        ]
        if not rows:
            return []
        heads = [tell("unit.shift.name"), *(name_of(catalogue[kpi]).text for kpi in shown)]
        body = _table(heads, rows, tell("unit.faces"))
        limits = html.P(tell("unit.faces_limits"), className="limit")
        return _part("unit.faces", html.Div([body, limits]))

    async def _hours(self, unit: str, period: str) -> list[Component]:
        plan = (await self._api.planning(unit=unit, period=period)).value
        if plan is None:
            return []
        return _part("unit.hours", hours_table(plan.week.hours))

    async def _similar(self, unit: str, period: str, catalogue: Catalogue) -> list[Component]:
        """Return where the unit stands within its kind, as a range of ranks."""
        rows = []
        rankings = await asyncio.gather(
            *(self._api.ranking(kpi=kpi, period=period) for kpi in _RANKED)
        )
        for kpi, answer in zip(_RANKED, rankings, strict=True):
            ranking = answer.value
            placed = None if ranking is None else place_of(ranking, unit)
            if placed is None or kpi not in catalogue:
                continue
            kind, own = placed
            named = say_if_known(f"kind.{kind.kind}", kind.kind).text
            level = "–" if kind.level is None else str(formats.share(kind.level))
            mine = "–" if own.estimate is None else str(formats.share(own.estimate.value))
            rank = tell("rankings.unranked") if own.rank is None else ranked_text(own.rank)
            rows.append((name_of(catalogue[kpi]).text, mine, level, named, rank))
        if not rows:
            return []
        columns = ("kpi", "own", "level", "kind", "rank")
        label = tell("unit.similar")
        return _part("unit.similar", table("unit.beside", columns, rows, label=label))


def _part(title: str, body: Component) -> list[Component]:
    return [html.Section([html.H3(tell(title)), body], className="part")]


def _counters(catalogue: Mapping[str, KpiDefinition], readings: Sequence[Reading]) -> Component:
    """Return the counters of a unit with what is known of each now and today."""
    by_counter: dict[str, dict[str, Reading]] = {}
    for each in readings:
        by_counter.setdefault(each.scope.rpartition("/")[2], {})[each.kpi] = each
    shown = [kpi for kpi in COUNTERS if kpi in catalogue]
    rows = [
        (
            counter,
            *(said_of(catalogue[kpi], found[kpi]) if kpi in found else "–" for kpi in shown),
        )
        for counter, found in sorted(by_counter.items())
    ]
    heads = [tell("unit.counter"), *(name_of(catalogue[kpi]).text for kpi in shown)]
    return _table(heads, rows, tell("unit.counters"))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], label: str) -> Component:
    if not rows:
        return html.P(tell("unit.no_counters"), className="note")
    lines = [
        html.Tr([html.Th(first, scope="row"), *(html.Td(each) for each in rest)])
        for first, *rest in rows
    ]
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    return html.Div(
        html.Table([head, html.Tbody(lines)], className="listed"),
        className="wide",
        role="region",
        tabIndex=0,
        **named(label),
    )


def _reasons(reading: Reading | None) -> Iterator[Component]:
    parts = {} if reading is None else dict(reading.parts or {})
    if not parts:
        return
    most = max(parts.values()) or 1.0
    lines = [
        html.Li(
            [
                html.Span(say_if_known(f"reason.{name}", name).text, className="name"),
                html.Span(className="bar", style={"width": f"{12 * share / most:.2f}rem"}),
                html.Span(str(formats.share(share))),
            ]
        )
        for name, share in sorted(parts.items(), key=lambda each: -each[1])
    ]
    yield from _part("unit.reasons", html.Ul(lines, className="bars"))
