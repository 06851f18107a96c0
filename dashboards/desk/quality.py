"""The page of data quality: what is missing, late or unlinked, and what was not understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import refused, table
from dashboards.desk.cards import Told, by_kpi, cards, definitions, said_of
from dashboards.desk.choices import choices, follow, period_options, unit_options
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import last_month
from dashboards.look.formats import date_time
from dashboards.look.texts import name_of, say_if_known, tell

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
        answer = await self._api.readings(kpis=SHOWN, scope=scope, period=period)
        if answer.value is None:
            return [refused(answer.error)]
        told = Told(catalogue=catalogue, readings=by_kpi(answer.value))
        return [
            cards(told.pairs(SHOWN)),
            html.H2(tell("quality.units")),
            await self._units(told, scope, period),
            *(await self._quarantine() if may("read_quarantine") else ()),
        ]

    async def _units(self, told: Told, scope: str, period: str) -> Component:
        answer = await self._api.readings(kpis=_BY_UNIT, scope=scope, period=period, by=("unit",))
        units = {unit.id: unit for unit in (await self._api.units()).value or ()}
        found: dict[str, dict[str, str]] = {}
        for each in answer.value.readings if answer.value else ():
            if each.kpi in told.catalogue:
                said = said_of(told.catalogue[each.kpi], each)
                found.setdefault(each.scope.rpartition(":")[2], {})[each.kpi] = said
        rows = [
            (name_of(units[unit]).text, *(said.get(kpi, "–") for kpi in _BY_UNIT))
            for unit, said in found.items()
            if unit in units
        ]
        return table("quality", ("unit", *_BY_UNIT), rows)

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
