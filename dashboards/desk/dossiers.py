"""The page of dossiers: how many are behind each number, by unit and procedure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dash import Dash, html
from dash.development.base_component import Component

from contract.readings import Reading, Timing
from dashboards.api.rest import RestClient
from dashboards.desk.acts import untold
from dashboards.desk.cards import Told, by_kpi, cards, definitions
from dashboards.desk.choices import choices, follow, period_options, unit_options
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.desk.member_names import member_names
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import last_month
from dashboards.look.figures import describe, reason
from dashboards.look.texts import name_of, say, tell

NAME = "dossiers"
NOW = ("dossiers_due_soon",)
WHOLE = (
    "dossiers_received",
    "dossiers_in_processing",
    "dossiers_done",
    "dossiers_on_time",
    "dossiers_overdue",
    "processing_time",
    "dossiers_supplemented",
)
_BY = ("unit", "procedure", "family", "channel")
_PROVINCE = "province"


class DossiersPage:
    """Reads the API for the place, the period and the breakdown in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(text("scope", _PROVINCE), text("period"), text("by", _BY[0])),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        units = unit_options((await self._api.units()).value or ())
        places = [{"label": tell("place.province"), "value": _PROVINCE}]
        places += [each | {"value": f"subtree:{each['value']}"} for each in units]
        period = values["period"] or last_month(datetime.now(UTC))
        ways = [{"label": tell(f"dossiers.by.{by}"), "value": by} for by in _BY]
        return html.Main(
            [
                header(NAME),
                choices(
                    NAME,
                    (
                        ("scope", places, values["scope"]),
                        ("period", period_options(), period),
                        ("by", ways, values["by"]),
                    ),
                ),
                html.Div(
                    list(await self._content(values["scope"], period, values["by"])),
                    id=f"{NAME}-content",
                    className="filled",
                ),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        follow(app, self.page(), ("scope", "period", "by"), self._content)

    async def _content(self, scope: str, period: str, by: str) -> Sequence[Component]:
        catalogue = await definitions(self._api)
        whole = await self._api.readings(kpis=WHOLE, scope=scope, period=period)
        if whole.value is None:
            return [untold(whole.error, period)]
        soon = await self._api.readings(kpis=NOW, scope=scope)
        told = Told(catalogue=catalogue, readings=by_kpi(whole.value) | by_kpi(soon.value))
        parts = await self._api.readings(kpis=WHOLE, scope=scope, period=period, by=(by,))
        readings = list(parts.value.readings) if parts.value else []
        if by == "unit":
            due = await self._api.readings(kpis=NOW, scope=scope, by=(by,))
            readings += due.value.readings if due.value else ()
        names = await self._names(by)
        return [
            cards(told.pairs((*WHOLE, *NOW))),
            html.P(tell("dossiers.note"), className="note"),
            _grid(told, readings, by, names) if parts.value else untold(parts.error, period),
        ]

    async def _names(self, by: str) -> dict[str, str]:
        if by != "unit":
            return await member_names(self._api, by)
        units = (await self._api.units()).value or ()
        return {unit.id: name_of(unit).text for unit in units}


def _member(scope: str) -> str:
    """Return what a scope narrows a place to, else the unit itself."""
    return scope.rpartition(":")[2]


def _grid(told: Told, readings: Sequence[Reading], by: str, names: dict[str, str]) -> Component:
    shown = [kpi for kpi in (*WHOLE, *NOW) if kpi in told.catalogue]
    if by != "unit":
        shown = [kpi for kpi in shown if told.catalogue[kpi].timing is Timing.PERIOD]
    columns = [
        Column(id=FIRST, name=say(f"dossiers.by.{by}"), width_px=300),
        *(
            Column(id=kpi, name=name_of(told.catalogue[kpi]), numeric=True, width_px=140)
            for kpi in shown
        ),
    ]
    members: dict[str, dict[str, Reading]] = {}
    for each in readings:
        members.setdefault(_member(each.scope), {})[each.kpi] = each
    rows = [_row(told, member, found, names) for member, found in members.items()]
    table: Component = grid(
        f"{NAME}-grid", columns, rows, order=("-dossiers_overdue",), conditions={}, find=""
    )
    return table


def _row(told: Told, member: str, found: dict[str, Reading], names: dict[str, str]) -> Row:
    name = names.get(member, member)
    # People know a procedure by its code as well; of a unit or a family it says nothing more.
    code = member if name != member and member.upper() == member else ""
    cells = {kpi: _cell(told, kpi, reading) for kpi, reading in found.items()}
    return row(
        member, f"{name} {member}", {FIRST: cell(name, note=code, sort=sort_text(name)), **cells}
    )


def _cell(told: Told, kpi: str, reading: Reading) -> Cell:
    definition = told.catalogue.get(kpi)
    if definition is None:
        return cell("")
    said = describe(definition, reading)
    if said.quantity is None or reason(reading) is not None:
        assert said.withheld is not None
        return cell(said.withheld.text, note=said.note, state="withheld")
    note = "" if definition.measure == "count" else said.note
    late = kpi == "dossiers_overdue" and bool(reading.value)
    return cell(
        str(said.quantity),
        note=note,
        sort=reading.value,
        figure=reading.value,
        state="problem" if late else "",
    )
