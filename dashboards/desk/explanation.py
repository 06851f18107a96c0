"""Shows where each point of a class comes from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from dashboards.api.classes import ExplainedCriterion, Explanation


def render_explanation(explanation: Explanation) -> list[Component]:
    """Return the heading, then the criteria by their groups."""
    title, *heading = explanation.heading
    return [
        html.H2(title),
        *(html.P(line) for line in heading),
        *(
            html.Section([html.H3(group), *(_criterion(each) for each in criteria)])
            for group, criteria in groupby(explanation.components, lambda each: each.group)
        ),
    ]


def _criterion(criterion: ExplainedCriterion) -> Component:
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(criterion.name, className="name"),
                    html.Span(f"{criterion.points}/{criterion.maximum}", className="points"),
                ]
            ),
            *(html.P(line) for line in criterion.lines),
            *_terms(criterion),
        ],
        className="criterion",
        open=True,
    )


def _terms(criterion: ExplainedCriterion) -> Iterator[Component]:
    for term in criterion.terms:
        first, *rest = term.lines
        name = [html.P(term.name, className="term")] if len(criterion.terms) > 1 else []
        yield html.Div(
            [
                *name,
                html.P(first, className="formula"),
                *(html.P(line, className="source") for line in rest),
            ],
            className=f"is-{term.state}",
        )
