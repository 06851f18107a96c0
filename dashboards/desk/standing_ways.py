"""Beside the rankings: why a member stands where it stands, and the ways on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.api.rankings import Explanation
from dashboards.api.visiting import may
from dashboards.look.texts import say, spans, spoken, tell
from runtime.root_path import below_root

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "share_satisfied": ("unit", "counter"),
    "dossiers_on_time": ("unit", "procedure"),
    "waited_within_15": ("unit", "counter"),
}
"""Into which members the rankings of a KPI are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The ranking that is shown."""

    kpi: str
    period: str
    by: str


def why(explanation: Explanation, member: str, name: str, asked: Asked) -> list[Component]:
    """Return why a member stands there, what moved it, and the ways on from its unit."""
    told = explanation.en if spoken() is Language.EN else explanation.vi
    parts: list[Component] = [
        html.H2([html.Span(name), html.Span(spans(say("rankings.why")), className="note")]),
        html.Ul([html.Li(each) for each in told.standing]),
    ]
    if told.change:
        parts += [
            html.H3(spans(say("rankings.change_title"))),
            html.Ul([html.Li(each) for each in told.change]),
        ]
    if asked.by != "procedure":
        parts.append(html.Ul(_ways_on(member, name, asked), className="ways"))
    return parts


def _ways_on(member: str, name: str, asked: Asked) -> list[Component]:
    """Return the links from a unit or counter to what lies within, as far as one may open it."""
    kpi, period, by = asked.kpi, asked.period, asked.by
    unit = member.partition("/")[0]
    scope = f"subtree:{unit}"
    place = f"counter:{member}" if by == "counter" else scope
    ways: list[tuple[str, str, dict[str, str]]] = [
        ("drill", "/indicators", {"kpi": kpi, "scope": place, "period": period}),
        ("to_unit", "/unit", {"unit": unit, "period": period}),
        ("to_procedures", "/dossiers", {"scope": scope, "period": period, "by": "procedure"}),
    ]
    if by == "unit" and "counter" in MEMBERS[kpi]:
        counters = {"kpi": kpi, "period": period, "by": "counter", "find": name}
        ways.insert(2, ("to_counters", "/rankings", counters))
    if may("read_officers"):
        officers = {"kpi": kpi, "scope": scope, "period": period, "by": "officer"}
        ways.append(("to_officers", "/indicators", officers))
    if may("contest"):
        figure = {"kind": "figure", "unit": unit, "kpi": kpi, "period": period}
        ways.append(("to_contest", "/contests", figure))
    return [
        html.Li(html.A(tell(f"rankings.{key}"), href=f"{below_root(path)}?{urlencode(query)}"))
        for key, path, query in ways
    ]
