"""The forms in which somebody handles an alert: take it, give it, put it off, close it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboards.api.alerts import Alert, Message
from dashboards.api.visiting import visitor
from dashboards.desk.acts import Field, form
from dashboards.look.formats import date_time, number
from dashboards.look.texts import tell

HANDLES = "handle_alerts"
_MINUTES = {"m30": 30, "m120": 120, "m480": 480, "m1440": 1440}
_USUAL = "m120"
_VERDICTS = ("right", "false")


def step_forms(alert: Alert) -> Sequence[Component]:
    """Return the forms of the steps that may be taken now."""
    if alert.state in ("resolved", "withdrawn"):
        return ()
    who = visitor()
    note = Field(name="note", label=tell("alerts.field.note"), most=2000)
    assignee = Field(
        name="assignee",
        label=tell("alerts.field.assignee"),
        value=alert.assignee or (who.name if who is not None else ""),
        note=tell("alerts.field.assignee_note"),
        most=63,
    )
    minutes = Field(
        name="minutes",
        label=tell("alerts.field.minutes"),
        value=str(_MINUTES[_USUAL]),
        choices=[(str(each), tell(f"alerts.minutes.{key}")) for key, each in _MINUTES.items()],
    )
    verdict = Field(
        name="verdict",
        label=tell("alerts.field.verdict"),
        value=_VERDICTS[0],
        choices=[(each, tell(f"alerts.verdicts.{each}")) for each in _VERDICTS],
        note=tell("alerts.field.verdict_note"),
    )
    first = (
        [form("alert_acknowledged", alert.id, (note,))]
        if alert.state in ("raised", "snoozed")
        else []
    )
    return [
        *first,
        *(
            html.Details(
                [html.Summary(tell(f"acts.{act}")), form(act, alert.id, fields)],
                className="folded",
            )
            for act, fields in (
                ("alert_assigned", (assignee, note)),
                ("alert_snoozed", (minutes, note)),
                ("alert_resolved", (verdict, note)),
            )
        ),
    ]


def messages_told(alert: str, messages: Sequence[Message], *, handles: bool) -> Sequence[Component]:
    """Return what was sent to whom; one that was given up can be sent again."""
    lines = []
    for each in messages:
        if each.sent_at is not None:
            said = tell("alerts.sent", channel=each.channel, at=date_time(each.sent_at))
        elif each.dead_at is not None:
            said = tell("alerts.dead", channel=each.channel, at=date_time(each.dead_at))
        else:
            tries = number(each.attempts)
            said = tell("alerts.waiting", channel=each.channel, tries=tries)
        parts: list[Component] = [html.Span(said)]
        answered = each.problem if each.sent_at is None else each.receipt
        if answered:
            parts += [html.Br(), html.Code(answered)]
        if each.uncertain:
            came = "alerts.maybe_twice" if each.sent_at is not None else "alerts.uncertain"
            parts += [html.Br(), html.Span(tell(came), className="note")]
        if each.dead_at is not None and handles:
            parts.append(form("alert_send_again", f"{alert} {each.id}", ()))
        lines.append(html.Li(parts))
    if not lines:
        return ()
    return [html.H2(tell("alerts.messages")), html.Ul(lines)]
