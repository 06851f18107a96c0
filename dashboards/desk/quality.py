"""The page of data quality: what is missing, late or unlinked, and what was not understood."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Reading
from dashboards.api.rest import Answer, Readings, RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import refused, table, untold
from dashboards.desk.cards import Told, by_kpi, cards, definitions
from dashboards.desk.choices import choices, follow, period_options, unit_options
from dashboards.desk.grids import FIRST, Cell, Column, cell, grid, row, sort_text
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import last_month
from dashboards.look.figures import describe
from dashboards.look.formats import date_time
from dashboards.look.texts import name_of, say, say_if_known, tell

NAME = "quality"
SHOWN = (
    "device_hours",
    "camera_hours",
    "late_messages",
    "quarantined_messages",
    "unlinked_ratings",
    "linked_ratings",
    "linked_visits",
    "linked_tickets",
    "ratings_of_dossiers",
    "suspect_share",
    "response_rate",
    "count_agreement",
    "expression_drift",
)
_BY_UNIT = ("device_hours", "camera_hours", "late_messages", "unlinked_ratings", "suspect_share")
_APART = (
    ("device_hours", "camera_hours"),
    ("late_messages", "quarantined_messages"),
    ("count_agreement",),
)
"""What is counted from many messages is asked for apart: each answer has its own time limit."""
_PROVINCE = "province"
_NEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A message that was not understood, without what it held."""

    id: int
    received_at: datetime
    topic: str
    refusal: str


class QualityPage:
    """Reads the API for the place and period in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("scope", _PROVINCE), text("period")),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        units = unit_options((await self._api.units()).value or ())
        places: list[dict[str, Any]] = [{"label": tell("place.province"), "value": _PROVINCE}]
        places += [each | {"value": f"subtree:{each['value']}"} for each in units]
        period = values["period"] or last_month(datetime.now(UTC))
        return html.Main(
            [
                header(NAME),
                choices(
                    NAME,
                    (
                        ("scope", places, values["scope"]),
                        ("period", period_options(), period),
                    ),
                ),
                html.Div(list(await self._content(values["scope"], period)), id=f"{NAME}-content"),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        follow(app, self.page(), ("scope", "period"), self._content)

    async def _content(self, scope: str, period: str) -> Sequence[Component]:
        catalogue = await definitions(self._api)
        answers = await self._ask(SHOWN, scope, period)
        found = {kpi: each for some in answers for kpi, each in by_kpi(some.value).items()}
        told = Told(catalogue=catalogue, readings=found)
        failed = [answer.error for answer in answers if answer.value is None]
        if len(failed) == len(answers):
            return [untold(failed[0], period)]
        return [
            *(untold(error, period) for error in failed[:1]),
            cards(told.pairs(kpi for kpi in SHOWN if kpi in found)),
            html.H2(tell("quality.units")),
            await self._units(told, scope, period),
            *(await self._quarantine() if may("read_quarantine") else ()),
        ]

    async def _ask(
        self, kpis: Sequence[str], scope: str, period: str, by: tuple[str, ...] = ()
    ) -> Sequence[Answer[Readings]]:
        apart = [tuple(kpi for kpi in group if kpi in kpis) for group in _APART]
        rest = tuple(kpi for kpi in kpis if not any(kpi in group for group in apart))
        return await asyncio.gather(
            *(
                self._api.readings(kpis=group, scope=scope, period=period, by=by)
                for group in (rest, *apart)
                if group
            )
        )

    async def _units(self, told: Told, scope: str, period: str) -> Component:
        answers = await self._ask(_BY_UNIT, scope, period, by=("unit",))
        readings = (
            each for answer in answers if answer.value is not None for each in answer.value.readings
        )
        units = {unit.id: unit for unit in (await self._api.units()).value or ()}
        found: dict[str, dict[str, Cell]] = {}
        for each in readings:
            unit = each.scope.rpartition(":")[2]
            if each.kpi in told.catalogue and unit in units:
                found.setdefault(unit, {})[each.kpi] = _cell(told.catalogue[each.kpi], each)
        rows = []
        for unit, cells in found.items():
            name = name_of(units[unit]).text
            rows.append(row(unit, name, {FIRST: cell(name, sort=sort_text(name)), **cells}))
        # A grid draws what is in view alone: a table of 500 units is minutes of work for Dash.
        return grid(f"{NAME}-grid", _columns(), rows, order=(FIRST,), conditions={}, find="")

    async def _quarantine(self) -> Sequence[Component]:
        answer = await self._api.read(f"/quarantine?limit={_NEWEST}", tuple[Quarantined, ...])
        title = html.H2(tell("quality.quarantine"))
        if answer.value is None:
            return [title, refused(answer.error)]
        rows = [
            (
                date_time(each.received_at),
                each.topic,
                say_if_known(f"quality.refusals.{each.refusal}", each.refusal).text,
            )
            for each in answer.value
        ]
        label = tell("quality.quarantine")
        return [title, table("quality", ("at", "topic", "reason"), rows, label=label)]


def _columns() -> list[Column]:
    return [
        Column(id=FIRST, name=say("quality.unit"), width_px=300),
        *(Column(id=kpi, name=say(f"quality.{kpi}"), numeric=True) for kpi in _BY_UNIT),
    ]


def _cell(definition: KpiDefinition, reading: Reading) -> Cell:
    said = describe(definition, reading)
    if said.quantity is None:
        assert said.withheld is not None
        return cell(said.withheld.text, note=said.note, state="withheld")
    return cell(str(said.quantity), note=said.note, sort=reading.value, figure=reading.value)
