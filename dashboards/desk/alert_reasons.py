"""Why an alert was raised: its figure, the chart around the moment, what to do, similar cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from contract.readings import KpiDefinition, Measure
from contract.texts import Language
from dashboards.api.alerts import (
    AlertExplained,
    Contradiction,
    Point,
    Said,
    Similar,
    StepTaken,
    Usual,
)
from dashboards.desk.alert_steps import messages_told, step_forms
from dashboards.look.alerts import (
    figure_of,
    group_in_words,
    name_in_words,
    state_of,
    value_in_words,
)
from dashboards.look.formats import date_time, number
from dashboards.look.texts import name_of, say_if_known, spoken, tell
from dashboards.look.theme import palette, plotly_template

_ITSELF = "alerts"
_SCALES = {Measure.SHARE: 100.0, Measure.MIX: 100.0, Measure.SECONDS: 1 / 60}
_UNHEARD: Mapping[str, Any] = {"aria-hidden": "true"}
"""The same stands below as a table."""
_SIGNS = {Measure.SHARE: "%", Measure.MIX: "%"}


def explained(
    found: AlertExplained, place: str, catalogue: Sequence[KpiDefinition], *, handles: bool
) -> Sequence[Component]:
    """Return an alert as its page tells it, with the steps that whoever looks may take."""
    alert = found.alert
    told = ", ".join(map(group_in_words, alert.to))
    facts = [
        ("state", state_of(alert)),
        ("since", date_time(alert.raised_at)),
        ("figure", figure_of(alert)),
        ("told", told or "–"),
        *([("until", date_time(alert.snoozed_until))] if alert.snoozed_until else []),
        *([("closed", date_time(alert.resolved_at))] if alert.resolved_at else []),
    ]
    return [
        html.A(tell("acts.back"), href="?", className="back"),
        html.H1(f"{place}: {name_in_words(alert)}"),
        html.Dl(
            [
                each
                for name, value in facts
                for each in (html.Dt(tell(f"alerts.{name}")), html.Dd(value))
            ],
            className="facts",
        ),
        html.H2(tell("alerts.runbook")),
        html.P(said(found.runbook), className="runbook"),
        *(step_forms(alert) if handles else ()),
        *_chart(found, catalogue),
        html.H2(tell("alerts.similar")),
        html.P(_similar(found.similar)),
        html.P(
            html.A(tell("alerts.its_rule"), href=f"?rule={alert.rule}"),
        ),
        *messages_told(alert.id, found.messages, handles=handles),
        html.H2(tell("alerts.history")),
        html.Ol([_step(each, found) for each in found.steps], className="thread"),
    ]


def said(text: Said) -> str:
    """Return a text in the language that is spoken."""
    return text.vi if spoken() is Language.VI else text.en


def _step(taken: StepTaken, found: AlertExplained) -> Component:
    step = say_if_known(f"alerts.steps.{taken.step}", taken.step).text
    who = "" if taken.actor in ("", _ITSELF) else f" · {taken.actor}"
    note = [html.P(taken.note)] if taken.note and taken.actor not in ("", _ITSELF) else []
    if taken.step == "withdrawn" and found.contradiction is not None:
        note = [html.P(_contradicted(found.contradiction, Measure(found.alert.measure)))]
    return html.Li([html.B(f"{step} · {date_time(taken.at)}{who}"), *note])


def _contradicted(found: Contradiction, measure: Measure) -> str:
    then, since = (
        tell("alerts.not_known") if each is None else value_in_words(each, measure)
        for each in (found.then, found.since)
    )
    return tell("alerts.contradicted", then=then, since=since)


def _similar(found: Similar) -> str:
    closed = found.right + found.false + found.unjudged
    if not closed:
        return tell("alerts.similar_none")
    return tell(
        "alerts.similar_told",
        closed=number(closed),
        right=number(found.right),
        false=number(found.false),
        unjudged=number(found.unjudged),
        right_here=number(found.right_here),
        false_here=number(found.false_here),
    )


def _chart(found: AlertExplained, catalogue: Sequence[KpiDefinition]) -> Sequence[Component]:
    """Return the points around the moment as a figure, and the same as a table for who hears it."""
    known = next((each for each in catalogue if each.id == found.shows), None)
    title = (
        name_of(known).text
        if known is not None
        else say_if_known(f"alerts.shows.{found.shows}", found.shows).text
    )
    parts: list[Component] = [html.H2(tell("alerts.around", figure=title))]
    if not any(each.value is not None for each in found.points):
        return [*parts, html.P(tell("alerts.no_points"), className="note")]
    if found.usual is not None:
        parts.append(html.P(_usual(found.usual), className="note"))
    measure = Measure(found.alert.measure) if known is not None else Measure.COUNT
    daily = known is not None
    figure = _figure(found, found.points, measure, daily=daily)
    rows = [
        html.Tr(
            [
                html.Th(_at(each, daily=daily), scope="row"),
                html.Td("–" if each.value is None else value_in_words(each.value, measure)),
                html.Td(number(each.n)),
            ]
        )
        for each in found.points
    ]
    heads = [html.Th(tell(f"alerts.point.{name}"), scope="col") for name in ("at", "value", "n")]
    return [
        *parts,
        html.Div(
            dcc.Graph(
                figure=figure,
                config={"displayModeBar": False},
                responsive=True,
                style={"height": "16rem"},
            ),
            style={"height": "16rem"},
            **_UNHEARD,
        ),
        html.Details(
            [
                html.Summary(tell("alerts.as_table")),
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="listed"),
            ],
            className="folded",
        ),
    ]


def _usual(usual: Usual) -> str:
    low, high = (number(each, 1) for each in (usual.low, usual.high))
    return tell("alerts.usual_hour", low=low, high=high, weeks=number(usual.weeks))


def _at(point: Point, *, daily: bool) -> str:
    return point.at.astimezone(LOCAL_TIME).strftime("%d/%m" if daily else "%H:%M")


def _figure(
    found: AlertExplained, points: Sequence[Point], measure: Measure, *, daily: bool
) -> dict[str, Any]:
    scale = _SCALES.get(measure, 1.0)
    at = [each.at.astimezone(LOCAL_TIME).strftime("%Y-%m-%dT%H:%M:%S") for each in points]
    raised = found.alert.raised_at.astimezone(LOCAL_TIME).strftime("%Y-%m-%dT%H:%M:%S")
    alert, usual = found.alert, found.usual
    low, high = (usual.low, usual.high) if usual is not None else (None, None)
    if daily:
        low, high = alert.usual_low, alert.usual_high
    band = (
        []
        if low is None or high is None
        else [
            {
                "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low * scale,
                "y1": high * scale, "fillcolor": palette().divider, "opacity": 0.5,
                "line": {"width": 0}, "layer": "below",
            }
        ]
    )  # fmt: skip
    moment = {
        "type": "line", "x0": raised, "x1": raised, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": palette().stale, "width": 2, "dash": "dot"},
    }  # fmt: skip
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": at,
        "y": [None if each.value is None else each.value * scale for each in points],
        "line": {"color": palette().ink, "width": 2},
        "marker": {"size": 5, "color": palette().ink},
        "connectgaps": False,
        "hovertemplate": "%{x|" + ("%d/%m" if daily else "%H:%M") + "}: %{y}<extra></extra>",
    }
    suffix = f" {tell('measured_in.minutes')}" if measure is Measure.SECONDS else ""
    return {
        "data": [line],
        "layout": {
            "template": plotly_template().to_plotly_json(),
            "shapes": [*band, moment],
            "yaxis": {"ticksuffix": _SIGNS.get(measure, suffix), "rangemode": "tozero"},
            "xaxis": {"showgrid": False, "tickformat": "%d/%m" if daily else "%H:%M"},
            "showlegend": False,
        },
    }
