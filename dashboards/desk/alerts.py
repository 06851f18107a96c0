"""The page of alerts: what is open, where, since when, and what to do."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.api.alerts import Alert
from dashboards.api.rest import RestClient
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, conditions, order, text
from dashboards.look.formats import date_time
from dashboards.look.texts import name_of, say, say_if_known, spans, spoken

_NAME = "alerts"
_WIDTHS = {"what": 300, "state": 180, "since": 190, "of": 240, "runbook": 520}
_URGENCY = {"critical": 0, "serious": 1, "notice": 2}


class AlertsPage:
    """Open alerts of the units that whoever looks may see, the most urgent first."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=_NAME,
            parameters=(text("find"), order("sort", "state"), conditions("filter")),
            layout=self._layout,
            register=_nothing,
            right="read_alerts",
        )

    async def _layout(self, values: Values) -> Component:
        content = await self._content(values)
        return html.Main([header(_NAME), content], className=f"desk {_NAME}")

    async def _content(self, values: Values) -> Component:
        answer = await self._api.alerts()
        if answer.value is None:
            said = say("desk.refused", reason=str(answer.error))
            return html.P(spans(said), className="notice")
        units = (await self._api.units()).value or ()
        names = {unit.id: name_of(unit).text for unit in units}
        rules = (await self._api.alert_rules()).value or ()
        vi = spoken() is Language.VI
        runbooks = {
            each.rule.id: each.rule.runbook.vi if vi else each.rule.runbook.en for each in rules
        }
        columns = [
            Column(id=FIRST, name=say("column.unit"), width_px=240),
            *(
                Column(id=name, name=say(f"alerts.{name}"), width_px=width, wraps=True)
                for name, width in _WIDTHS.items()
            ),
        ]
        table: Component = grid(
            f"{_NAME}-grid",
            columns,
            [_row(each, names, runbooks.get(each.rule, "")) for each in answer.value.alerts],
            order=values["sort"],
            conditions=values["filter"],
            find=values["find"],
        )
        return table


def _row(found: Alert, names: dict[str, str], runbook: str) -> Row:
    place = say("alerts.province").text if found.unit is None else names.get(found.unit, found.unit)
    what = found.name_vi if spoken() is Language.VI else found.name_en
    cells: dict[str, Cell] = {
        FIRST: cell(place, sort=sort_text(place)),
        "what": cell(what, sort=sort_text(what)),
        "state": _state(found),
        "since": cell(date_time(found.raised_at), sort=found.raised_at.timestamp()),
        "of": cell(", ".join(found.subjects) or "–"),
        "runbook": cell(runbook or "–"),
    }
    return row(found.id, f"{place} {what}", cells)


def _state(found: Alert) -> Cell:
    said = say_if_known(f"alerts.states.{found.state}", found.state).text
    severity = say_if_known(f"alerts.severity.{found.severity}", found.severity).text
    urgent = found.severity == "critical" and found.state == "raised"
    return cell(
        severity,
        note=said if found.assignee is None else f"{said}: {found.assignee}",
        sort=_URGENCY.get(found.severity, len(_URGENCY)),
        state="problem" if urgent else "",
    )


def _nothing(_app: Dash) -> None:
    """Add no callbacks: the page is read when it is opened."""
