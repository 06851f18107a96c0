"""The rules of alerts on screen: as cards, and each as its file, tried before it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from dash import html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from dashboards.api.acts import Outcome, Verdict
from dashboards.api.alerts import Change, Measured, Rule, RuleInForce, RuleWithHistory
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import Field, Given, form, table
from dashboards.desk.alert_reasons import said
from dashboards.look.alerts import group_in_words
from dashboards.look.formats import date_time, number, share
from dashboards.look.texts import name_of, say_if_known, tell

_TRIED = timedelta(weeks=8)
_TRIED_LIVE = timedelta(days=1)
"""Rules about figures of now are judged anew at each minute: a page waits for a day or two."""
_DAY = "%Y-%m-%d"
_MODES = ("try", "hold")
_PLACE = re.compile(r"^[^:]+: ([\w.]+): ")
"""Of what the API says of a rule: where it stands, which field, and what is wrong."""


def rules_listed(rules: Sequence[RuleInForce]) -> Sequence[Component]:
    """Return every rule as a card: what it watches, whom it tells, what was measured of it."""
    rows = [
        (
            html.A(said(each.rule.name), href=f"?rule={each.rule.id}"),
            _urgency(each.rule),
            say_if_known(f"alerts.charts.{each.rule.chart}", each.rule.chart).text,
            ", ".join(map(group_in_words, each.rule.to)),
            measured_in_words(each.measured),
            tell("alerts.rule.changed" if each.changed else "alerts.rule.shipped"),
        )
        for each in rules
    ]
    columns = ("name", "severity", "chart", "told", "measured", "origin")
    return [table("alerts.rule", columns, rows, label=tell("alerts.list.rules"))]


def measured_in_words(found: Measured | None) -> str:
    """Return a rule's false alarms, run length, power and delay; that it says what is there."""
    if found is None:
        return tell("alerts.measured.none")
    parts = []
    if found.false_a_week is not None:
        parts.append(tell("alerts.measured.false", a_week=number(found.false_a_week, 2)))
    if found.run_length_weeks is not None:
        parts.append(tell("alerts.measured.run", weeks=number(found.run_length_weeks)))
    if found.found is not None and found.drawn and found.fault is not None:
        parts.append(
            tell(
                "alerts.measured.power",
                before=_level(found.fault.before),
                after=_level(found.fault.after),
                found=str(share(found.found / found.drawn)),
                drawn=number(found.drawn),
                looks=number(found.looks or 0),
            )
        )
    if found.delay_looks is not None:
        parts.append(tell("alerts.measured.delay_looks", middle=number(found.delay_looks)))
    if found.delay_min is not None:
        parts.append(
            tell(
                "alerts.measured.delay",
                middle=number(found.delay_min),
                late=number(found.delay_95_min or 0),
            )
        )
    return " ".join(parts)


def rule_told(found: RuleWithHistory) -> Sequence[Component]:
    """Return one rule: what it is, its file to be edited by right, and its history."""
    rule = found.rule
    return [
        html.A(tell("acts.back"), href="?list=rules", className="back"),
        html.H1(said(rule.name)),
        html.P(
            tell(
                "alerts.rule.holds",
                version=number(rule.version),
                day=f"{rule.valid_from:%d/%m/%Y}",
                severity=_urgency(rule),
            ),
            className="note",
        ),
        html.P(said(rule.runbook), className="runbook"),
        html.P(measured_in_words(found.measured), className="note"),
        *(_editing(found) if may("write_alert_rules") else [_file(found.toml)]),
        html.H2(tell("alerts.history")),
        html.Ol([_change(each) for each in found.changes], className="thread")
        if found.changes
        else html.P(tell("alerts.rule.unchanged")),
    ]


async def change_or_try(api: RestClient, rule: str, given: Given) -> Outcome:
    """Try a rule on the past, or have it hold from now on."""
    path = f"/alert-rules/{quote(rule, safe='')}"
    body = {"toml": given["toml"] or ""}
    if given["mode"] == "hold":
        why = {"reason": given["reason"] or ""}
        return _placed(await api.act("PUT", path, body=body | why))
    days = urlencode({"first": given["first"] or "", "last": given["last"] or ""})
    outcome = _placed(await api.act("POST", f"{path}/backtest?{days}", body=body))
    if outcome.verdict is not Verdict.DONE:
        return outcome
    names = {unit.id: name_of(unit).text for unit in (await api.units()).value or ()}
    return replace(outcome, value={**outcome.value, "names": names})


def told_of_trial(outcome: Outcome) -> Sequence[Component]:
    """Return what a rule would have raised, with dates; nothing where it was put in force."""
    raised = outcome.value.get("raised")
    if raised is None:
        return ()
    names = outcome.value["names"]
    rows = [
        (
            names.get(each["unit"], each["unit"]) if each["unit"] else tell("alerts.province"),
            _when(each["raised_on"], each.get("raised_at")),
            _when(each["ended_on"], each.get("ended_at"))
            if each.get("ended_on")
            else tell("alerts.trial.lasts"),
        )
        for each in raised
    ]
    summed = tell(
        "alerts.trial.summed",
        count=number(len(rows)),
        weeks=number(outcome.value["weeks"], 1),
        a_week=number(outcome.value["a_week"], 2),
    )
    told: list[Component] = [html.P(summed)]
    if unknown := outcome.value.get("days_unknown"):
        told.append(html.P(tell("alerts.trial.unknown", days=number(unknown)), className="note"))
    if rows:
        told.append(table("alerts.trial", ("where", "raised", "ended"), rows, label=summed))
    return [html.Section(told, className="tried")]


def _placed(outcome: Outcome) -> Outcome:
    found = _PLACE.match(outcome.reason)
    return replace(outcome, place=found[1]) if found else outcome


def _editing(found: RuleWithHistory) -> Sequence[Component]:
    today = datetime.now(UTC).astimezone(LOCAL_TIME).date()
    live = found.rule.chart == "threshold"
    tried = _TRIED_LIVE if live else _TRIED
    fields = (
        Field(
            name="toml",
            label=tell("alerts.field.toml"),
            value=found.toml,
            long=True,
            most=20_000,
            note=tell("alerts.field.toml_note"),
        ),
        Field(
            name="mode",
            label=tell("alerts.field.mode"),
            value=_MODES[0],
            choices=[(each, tell(f"alerts.modes.{each}")) for each in _MODES],
        ),
        Field(
            name="first",
            label=tell("alerts.field.first"),
            value=f"{today - tried:{_DAY}}",
            most=10,
            note=tell("alerts.field.first_live") if live else "",
        ),
        Field(name="last", label=tell("alerts.field.last"), value=f"{today:{_DAY}}", most=10),
        Field(
            name="reason",
            label=tell("alerts.field.reason"),
            note=tell("alerts.field.reason_note"),
            most=2000,
        ),
    )
    return [html.Div(form("alert_rule", found.rule.id, fields), className="editing")]


def _change(change: Change) -> Component:
    head = tell(
        "alerts.rule.changed_by",
        number=number(change.number),
        who=change.changed_by,
        at=date_time(change.changed_at),
    )
    return html.Li([html.B(head), html.P(change.reason), _file(change.toml)])


def _file(text: str) -> Component:
    return html.Details(
        [html.Summary(tell("alerts.rule.file")), html.Pre(text)], className="folded"
    )


def _urgency(rule: Rule) -> str:
    if not rule.enabled:
        return tell("alerts.rule.off")
    return say_if_known(f"alerts.severity.{rule.severity}", rule.severity).text


def _level(value: float) -> str:
    return str(share(value)) if value <= 1 else number(value)


def _when(day: str, at: str | None) -> str:
    if at is not None:
        return date_time(datetime.fromisoformat(at))
    return "/".join(reversed(day.split("-")))
