"""Choices of unit and period above a page, which the address follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from contract.readings import Unit
from dashboards.desk.grids import sort_text
from dashboards.desk.pages import Page
from dashboards.desk.period_choices import period_choices
from dashboards.look.texts import name_of, tell


def choices(page: str, parts: Sequence[tuple[str, list[dict[str, Any]], Any]]) -> Component:
    """Return the choices of a page: of each its name, what can be chosen, and what is."""
    return html.Div(
        [
            html.Label(
                [
                    html.Span(tell(f"choice.{name}")),
                    dcc.Dropdown(
                        id=f"{page}-{name}",
                        options=options,
                        value=value,
                        clearable=False,
                        optionHeight=44,
                    ),
                ]
            )
            for name, options, value in parts
        ],
        className="choices",
    )


def unit_options(units: Sequence[Unit]) -> list[dict[str, Any]]:
    """Return the units that are accepted, by their names."""
    found = sorted(
        (unit for unit in units if unit.accepted), key=lambda unit: sort_text(name_of(unit).text)
    )
    return [{"label": _named(unit), "value": unit.id} for unit in found]


def _named(unit: Unit) -> str:
    named = name_of(unit).text
    return f"{named} · {tell('wall.simulated')}" if unit.simulated else named


def period_options(asked: str) -> list[dict[str, Any]]:
    """Return the recent periods, and the one that is asked for."""
    listed = [(value, said.text) for value, said in period_choices(datetime.now(UTC))]
    if asked not in dict(listed):
        listed.insert(0, (asked, asked))
    return [{"label": label, "value": value} for value, label in listed]


def follow(
    app: Dash,
    page: Page,
    parts: Sequence[str],
    content: Callable[..., Awaitable[Sequence[Component]]],
) -> None:
    """Let the content and the address of `page` follow what is chosen."""
    chosen = [Input(f"{page.name}-{part}", "value") for part in parts]

    async def show(*values: str) -> list[Component]:
        return list(await content(*values))

    def write(*values: str) -> str:
        blank = {parameter.name: parameter.default for parameter in page.parameters}
        return page.write(blank | dict(zip(parts, (each or "" for each in values), strict=True)))

    app.callback(Output(f"{page.name}-content", "children"), *chosen, prevent_initial_call=True)(
        show
    )
    app.callback(
        Output("address", "search", allow_duplicate=True), *chosen, prevent_initial_call=True
    )(write)
