"""What a wall says instead of figures: that it waits for them, or why there will be none."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards.api.views import Catalogue
from dashboards.look.texts import Bilingual, name_of, say, spans

_MOST_LISTED = 32
"""KPIs whose ids and names fit on the page in three columns."""
_EXAMPLE = "…/wall?scope=province&kpis=share_satisfied,people_waiting"


def render_waiting(header: Component) -> Component:
    """Return the wall before its first figures."""
    waiting = html.Div(spans(say("link.waiting")), className="waiting")
    return html.Main([header, waiting], className="wall")


def render_refusal(reason: Bilingual, catalogue: Catalogue) -> Component:
    """Return the page that says why the address cannot be shown, and what can be chosen."""
    return html.Main(
        [
            html.H1(spans(say("refusal.title"))),
            html.P(reason.vi, className="reason"),
            html.P(reason.en, className="reason en"),
            *_choices(catalogue),
            html.P([f"{say('refusal.example').vi}: ", html.Code(_EXAMPLE)], className="example"),
        ],
        className="wall refused",
    )


def _choices(catalogue: Catalogue) -> list[Component]:
    if not catalogue:
        return []
    listed = [
        html.Div([html.Code(definition.id), html.Span(name_of(definition).vi)])
        for definition in catalogue[:_MOST_LISTED]
    ]
    rest = len(catalogue) - len(listed)
    if rest > 0:
        listed.append(html.Div(say("refusal.more", count=rest).vi))
    return [html.H2(spans(say("refusal.choice"))), html.Div(listed, className="choices")]
