"""Choices of unit and period above a page, which the address follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from contract.readings import Unit
from contract.texts import texts
from dashboards.desk.grids import sort_text
from dashboards.desk.pages import Page
from dashboards.desk.period_choices import named_period, period_choices
from dashboards.look.texts import name_of, spoken, tell


def dropdown(
    id_: str | dict[str, Any],
    options: Sequence[Mapping[str, Any]],
    value: Any,  # noqa: ANN401 - a text, or a list of texts where many are chosen
    *,
    many: bool = False,
    **more: Any,  # noqa: ANN401 - Dash's own properties
) -> dcc.Dropdown:
    """Return a drop-down in the language of the screen.

    One value that is not offered is offered as it is, a period in words, for Dash would replace it
    by nothing, and the page would forget what its address asks for.
    """
    offered = list(options)
    words: Any = dict(texts("dashboards", spoken()).below("dropdown"))
    if value and not many and all(each["value"] != value for each in offered):
        offered.insert(0, {"label": named_period(value), "value": value})
    return dcc.Dropdown(
        id=id_,
        options=offered,
        value=value,
        multi=many,
        clearable=many,
        optionHeight=44,
        labels=words,
        **more,
    )


def choice(
    page: str,
    part: str,
    options: Sequence[Mapping[str, Any]],
    value: str | None,
    *,
    label: str = "",
) -> Component:
    """Return one choice of a page under its label: the page's own text of that name, or `label`."""
    said = label or tell(f"{page}.{part}")
    return html.Label([html.Span(said), dropdown(f"{page}-{part}", options, value)])


def choices(page: str, parts: Sequence[tuple[str, list[dict[str, Any]], Any]]) -> Component:
    """Return the choices of a page: of each its name, what can be chosen, and what is."""
    return html.Div(
        [
            choice(page, name, options, value, label=tell(f"choice.{name}"))
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


def period_options(now: datetime | None = None) -> list[dict[str, Any]]:
    """Return the recent periods."""
    return [
        {"label": said.text, "value": value}
        for value, said in period_choices(now or datetime.now(UTC))
    ]


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
