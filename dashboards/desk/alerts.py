"""The page of alerts: what is open or was closed, one of them with why, and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from dash import html
from dash.development.base_component import Component

from dashboards.api.acts import Outcome
from dashboards.api.alerts import Alert
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.acts import Act, ActsPage, Given, refused, table
from dashboards.desk.alert_reasons import explained
from dashboards.desk.alert_rules import change_or_try, rule_told, rules_listed, told_of_trial
from dashboards.desk.alert_steps import HANDLES
from dashboards.desk.labels import named
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.paging import paged
from dashboards.look.alerts import figure_of, group_in_words, name_in_words, state_of
from dashboards.look.formats import date_time, number
from dashboards.look.texts import name_of, tell

NAME = "alerts"
_URGENCY = {"critical": 0, "serious": 1, "notice": 2}
_LISTS = ("open", "closed", "rules")
_STEPS = ("acknowledged", "assigned", "snoozed", "resolved")


class AlertsPage:
    """Alerts of the units that whoever looks may see, and the rules that raise them."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return ActsPage(
            name=NAME,
            right="read_alerts",
            parameters=tuple(text(name) for name in ("list", "alert", "rule", "page")),
            content=self._content,
            acts=(
                *(
                    Act(name=f"alert_{step}", right=HANDLES, send=partial(self._step, step))
                    for step in _STEPS
                ),
                Act(name="alert_send_again", right=HANDLES, send=self._send_again),
                Act(
                    name="alert_rule",
                    right="write_alert_rules",
                    send=partial(change_or_try, self._api),
                    told=told_of_trial,
                    keeps=lambda outcome: "raised" in outcome.value,
                ),
            ),
        ).page()

    async def _step(self, step: str, alert: str, given: Given) -> Outcome:
        who = visitor()
        body: dict[str, object] = {"step": step, "note": given.get("note") or ""}
        if step == "assigned":
            body["assignee"] = given["assignee"] or (who.name if who is not None else "")
        if step == "snoozed":
            body["minutes"] = int(given["minutes"])
        if step == "resolved":
            body["verdict"] = given["verdict"]
        return await self._api.act("POST", f"/alerts/{alert}/steps", body=body)

    async def _send_again(self, place: str, _: Given) -> Outcome:
        alert, message = place.split(" ")
        return await self._api.act("POST", f"/alerts/{alert}/messages/{message}/send")

    async def _content(self, values: Values) -> Sequence[Component]:
        if values["alert"]:
            return await self._one(values["alert"])
        if values["rule"]:
            answer = await self._api.alert_rule(values["rule"])
            return [refused(answer.error)] if answer.value is None else rule_told(answer.value)
        shown = values["list"] if values["list"] in _LISTS else _LISTS[0]
        if shown == "rules":
            rules = await self._api.alert_rules()
            if rules.value is None:
                return [refused(rules.error)]
            return [_choices(shown), *rules_listed(rules.value)]
        answer_ = await self._api.alerts(closed=shown == "closed")
        if answer_.value is None:
            return [refused(answer_.error)]
        return [_choices(shown), *_listed(answer_.value.alerts, await self._units(), values)]

    async def _one(self, id_: str) -> Sequence[Component]:
        answer = await self._api.alert(id_)
        if answer.value is None:
            return [refused(answer.error)]
        catalogue = (await self._api.catalogue()).value or ()
        names = await self._units()
        place = place_of(answer.value.alert, names)
        return explained(answer.value, place, catalogue, handles=may(HANDLES))

    async def _units(self) -> Mapping[str, str]:
        units = (await self._api.units()).value or ()
        return {unit.id: name_of(unit).text for unit in units}


def place_of(alert: Alert, names: Mapping[str, str]) -> str:
    """Return the name of an alert's place."""
    if alert.unit is None:
        return tell("alerts.province")
    return names.get(alert.unit, alert.unit)


def _choices(shown: str) -> Component:
    links = [
        html.A(
            tell(f"alerts.list.{each}"),
            href="?" if each == _LISTS[0] else f"?list={each}",
            className="is-chosen" if each == shown else "",
        )
        for each in _LISTS
    ]
    return html.Nav(links, className="lists", **named(tell("page.alerts")))


def _listed(alerts: Sequence[Alert], names: Mapping[str, str], values: Values) -> list[Component]:
    ordered = sorted(
        alerts,
        key=lambda each: (
            each.state != "raised",
            _URGENCY.get(each.severity, len(_URGENCY)),
            -each.raised_at.timestamp(),
        ),
    )
    shown, links = paged(ordered, values)
    rows = [_row(each, place_of(each, names)) for each in shown]
    columns = ("where", "what", "state", "since", "figure", "told")
    return [table(NAME, columns, rows), *links]


def _row(found: Alert, place: str) -> Sequence[object]:
    told = ", ".join(map(group_in_words, found.to))
    return (
        html.A(place, href=f"?alert={found.id}"),
        html.A(name_in_words(found), href=f"?alert={found.id}"),
        html.Span(state_of(found), className=f"state is-{found.severity} is-{found.state}"),
        date_time(found.raised_at),
        figure_of(found),
        _told(found, told or "–"),
    )


def _told(found: Alert, groups: str) -> object:
    """Return who was told, and that messages did not arrive."""
    if not found.given_up:
        return groups
    lost = tell("alerts.given_up", count=number(found.given_up))
    return [groups, html.Br(), html.Strong(lost)]
