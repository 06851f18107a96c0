"""Choices of unit and period above a page, which the address follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from contract.readings import Unit
from contract.texts import texts
from dashboards.api.rest import RestClient
from dashboards.api.visiting import place_of_figures
from dashboards.desk.grids import sort_text
from dashboards.desk.pages import Page
from dashboards.desk.period_choices import (
    days_of,
    is_range,
    named_period,
    period_choices,
    period_of,
    read_day,
)
from dashboards.look.texts import name_of, spoken, tell

PERIOD = "period"
"""The name of the choice of a period on each page that has one."""
_FROM, _TO = "from", "to"


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


async def first_unit(api: RestClient, units: Sequence[Mapping[str, Any]], period: str) -> str:
    """Return the visitor's own unit, else the first of these that has visits in the period."""
    kind, _, own = place_of_figures().partition(":")
    if kind == "subtree":
        return own
    answer = await api.readings(kpis=("visits",), scope="province", period=period, by=("unit",))
    told = {each.scope for each in (answer.value.readings if answer.value else ()) if each.value}
    values = [str(each["value"]) for each in units]
    known = (value for value in values if f"subtree:{value}" in told)
    return next(known, values[0] if values else "")


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
            period_choice(page, options, value, label=tell("choice.period"))
            if name == PERIOD
            else choice(page, name, options, value, label=tell(f"choice.{name}"))
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


def period_choice(
    page: str, options: Sequence[Mapping[str, Any]], value: str, *, label: str = ""
) -> Component:
    """Return the choice of a period of the calendar, or of a range from a day to a day."""
    days = zip((_FROM, _TO), days_of(value), strict=True)
    fields = [
        html.Label(
            [
                html.Span(tell(f"period.{part}")),
                dcc.Input(
                    id=f"{page}-{part}",
                    value=day,
                    type="text",
                    debounce=True,
                    maxLength=10,
                    placeholder=tell("period.as_written"),
                    inputMode="numeric",
                ),
            ]
        )
        for part, day in days
    ]
    said = html.P(id=f"{page}-range-said", className="note", role="status")
    folded = html.Details(
        [html.Summary(tell("period.range")), html.Div([*fields, said])],
        className="range",
        open=is_range(value),
    )
    return html.Div([choice(page, PERIOD, options, value, label=label), folded], className="period")


def follow_range(app: Dash, page: str) -> None:
    """Let the period of a page follow the days that are written beside it, and these the period."""
    app.callback(
        Output(f"{page}-{PERIOD}", "options"),
        Output(f"{page}-{PERIOD}", "value"),
        Output(f"{page}-{_FROM}", "value"),
        Output(f"{page}-{_TO}", "value"),
        Output(f"{page}-range-said", "children"),
        Input(f"{page}-{_FROM}", "value"),
        Input(f"{page}-{_TO}", "value"),
        Input(f"{page}-{PERIOD}", "value"),
        State(f"{page}-{PERIOD}", "options"),
        prevent_initial_call=True,
    )(_range_or_period)


def _range_or_period(
    first: str | None, last: str | None, period: str, options: list[dict[str, Any]]
) -> tuple[Any, ...]:
    if ctx.triggered_id is not None and str(ctx.triggered_id).endswith(f"-{PERIOD}"):
        return no_update, no_update, *days_of(period), ""
    chosen, said = range_chosen(first or "", last or "", datetime.now(UTC))
    if not chosen:
        return no_update, no_update, no_update, no_update, said
    offered = [each for each in options if not is_range(each["value"])]
    if all(each["value"] != chosen for each in offered):
        offered.insert(0, {"label": named_period(chosen), "value": chosen})
    return offered, chosen, no_update, no_update, named_period(chosen)


def range_chosen(first: str, last: str, now: datetime) -> tuple[str, str]:
    """Return the period that two written days name, else nothing and what is wrong with them."""
    if not first.strip() or not last.strip():
        return "", ""
    try:
        days: tuple[date, date] = read_day(first), read_day(last)
    except ValueError:
        return "", tell("period.unreadable")
    if days[1] < days[0]:
        return "", tell("period.reversed")
    if days[0] > now.astimezone(LOCAL_TIME).date():
        return "", tell("period.not_begun")
    return period_of(*days), ""


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

    if PERIOD in parts:
        follow_range(app, page.name)
    app.callback(Output(f"{page.name}-content", "children"), *chosen, prevent_initial_call=True)(
        show
    )
    app.callback(
        Output("address", "search", allow_duplicate=True), *chosen, prevent_initial_call=True
    )(write)
