"""The chairman's page for a telephone: five figures, what got worse, and whom to ask what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dash import Dash, html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from contract.readings import KpiDefinition, Reading, Unit
from dashboards.api.rest import Answer, Readings, RestClient
from dashboards.api.visiting import place_of_figures
from dashboards.desk.acts import refused
from dashboards.desk.cards import by_kpi, card, definitions, is_worse, said_of
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import last_month, named_period
from dashboards.look.formats import date, number
from dashboards.look.texts import name_of, tell
from runtime.root_path import below_root

NAME = "chairman"
FIVE = (
    "share_satisfied",
    "dossiers_on_time",
    "dossiers_overdue",
    "waited_within_15",
    "complaints_overdue",
)
_JUDGED = ("share_satisfied", "dossiers_on_time", "waited_within_15", "complaints_on_time")
"""What can be worse than before: shares with intervals."""
_COUNTED = ("dossiers_overdue", "complaints_overdue")
_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worse:
    """A unit whose figure lies below that of the month before, intervals apart."""

    definition: KpiDefinition
    unit: Unit
    now: Reading
    before: Reading


class ChairmanPage:
    """Reads the API for the period in the page's address; without one, last month."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("period"), text("scope")),
            layout=self._layout,
            register=_no_callbacks,
        )

    async def _layout(self, values: Values) -> Component:
        now = datetime.now(UTC)
        period = values["period"] or last_month(now)
        scope = values["scope"] or place_of_figures()
        return html.Main(
            [
                header(NAME),
                html.H1(tell("chairman.title")),
                html.P(
                    f"{date(now).text} · {tell('desk.period', period=named_period(period))}",
                    className="note",
                ),
                *await self._content(scope, period, now),
            ],
            className=f"desk {NAME}",
        )

    async def _content(self, scope: str, period: str, now: datetime) -> Sequence[Component]:
        catalogue = await definitions(self._api)
        yesterday = (now.astimezone(LOCAL_TIME).date() - timedelta(days=1)).isoformat()
        month = await self._api.readings(
            kpis=FIVE, scope=scope, period=period, compare=("previous",)
        )
        if month.value is None:
            return [refused(month.error)]
        day = by_kpi((await self._api.readings(kpis=FIVE, scope=scope, period=yesterday)).value)
        before = {each.kpi: each for each in month.value.previous or ()}
        found = by_kpi(month.value)
        shown = [kpi for kpi in FIVE if kpi in catalogue and kpi in found]
        units = {unit.id: unit for unit in (await self._api.units()).value or ()}
        worse = await self._worse(scope, period, catalogue, units)
        asked = await self._asked(scope, period, catalogue, units)
        return [
            html.Dl(
                [
                    card(
                        catalogue[kpi],
                        found[kpi],
                        _beside(catalogue[kpi], before.get(kpi), day.get(kpi)),
                    )
                    for kpi in shown
                ],
                className="cards five",
            ),
            html.H2(tell("chairman.worse")),
            _list([_worse_said(each, period) for each in worse], tell("chairman.nothing_worse")),
            html.H2(tell("chairman.ask")),
            _list(asked, tell("chairman.nobody_to_ask")),
        ]

    async def _worse(
        self,
        scope: str,
        period: str,
        catalogue: Mapping[str, KpiDefinition],
        units: Mapping[str, Unit],
    ) -> Sequence[_Worse]:
        answer: Answer[Readings] = await self._api.readings(
            kpis=_JUDGED, scope=scope, period=period, by=("unit",), compare=("previous",)
        )
        if answer.value is None:
            return ()
        before = {(each.scope, each.kpi): each for each in answer.value.previous or ()}
        found = []
        for now in answer.value.readings:
            unit = units.get(now.scope.removeprefix("subtree:"))
            earlier, definition = before.get((now.scope, now.kpi)), catalogue.get(now.kpi)
            if unit is None or earlier is None or definition is None:
                continue
            if is_worse(definition, now, earlier):
                found.append(_Worse(definition=definition, unit=unit, now=now, before=earlier))
        return sorted(found, key=_loss, reverse=True)[:_MOST]

    async def _asked(
        self,
        scope: str,
        period: str,
        catalogue: Mapping[str, KpiDefinition],
        units: Mapping[str, Unit],
    ) -> Sequence[Component]:
        """Return whom to ask what: the units with most that is overdue."""
        answer = await self._api.readings(kpis=_COUNTED, scope=scope, period=period, by=("unit",))
        readings = answer.value.readings if answer.value else ()
        most = sorted(
            (each for each in readings if each.value), key=lambda each: -(each.value or 0.0)
        )
        lines = []
        for each in most:
            unit = units.get(each.scope.removeprefix("subtree:"))
            if unit is None or each.kpi not in catalogue:
                continue
            said = tell(
                f"chairman.asked.{each.kpi}",
                unit=name_of(unit).text,
                count=number(each.value or 0.0),
            )
            lines.append(html.A(said, href=_unit_address(unit.id, period)))
        return lines[:_MOST]


def _loss(each: _Worse) -> float:
    return abs((each.now.value or 0.0) - (each.before.value or 0.0))


def _beside(definition: KpiDefinition, before: Reading | None, yesterday: Reading | None) -> str:
    told = []
    if before is not None:
        told.append(tell("chairman.before", figure=said_of(definition, before)))
    if yesterday is not None:
        told.append(tell("chairman.yesterday", figure=said_of(definition, yesterday)))
    return " · ".join(told)


def _worse_said(each: _Worse, period: str) -> Component:
    said = tell(
        "chairman.fell",
        unit=name_of(each.unit).text,
        kpi=name_of(each.definition).text.lower(),
        now=said_of(each.definition, each.now),
        before=said_of(each.definition, each.before),
    )
    return html.A(
        [html.Span("▼ ", className="problem"), said], href=_unit_address(each.unit.id, period)
    )


def _unit_address(unit: str, period: str) -> str:
    return f"{below_root('/unit')}?unit={unit}&period={period}"


def _list(lines: Sequence[Component], nothing: str) -> Component:
    if not lines:
        return html.P(nothing, className="calm")
    return html.Ul([html.Li(line) for line in lines], className="asks")


def _no_callbacks(_: Dash) -> None:
    """Add no callbacks: the page is read when it is opened."""
