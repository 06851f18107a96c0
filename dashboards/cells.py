"""One reading as a cell of wall or table: the figure, what bounds it, and why it may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, KpiUnit, Reading, UnitReadings, Withheld
from dashboards import formats, words
from dashboards.formats import Quantity

DATA_AGE = "data_age"
"""The KPI whose value every browser counts on by itself, second by second."""
_LONG_FIGURE = 6
_RATING_LEVELS = ("1", "2", "3", "4", "5")

Children: TypeAlias = Sequence[Component | str]


def reading_of(unit: UnitReadings, kpi: str) -> Reading:
    """Return the reading of `kpi`, one withheld for want of data if `unit` has none."""
    for reading in unit.readings:
        if reading.kpi == kpi:
            return reading
    return Reading(kpi=kpi, version=0, n=0, withheld=Withheld.NO_DATA)


def render_cell(definition: KpiDefinition, reading: Reading) -> Component:
    """Return the cell of `reading`; browsers turn it stale by its `data-` attributes."""
    attributes: dict[str, Any] = {"data-kpi": definition.id}
    if reading.observed_at is not None:
        attributes["data-observed-ms"] = formats.epoch_ms(reading.observed_at)
        if definition.fresh_for_s is not None:
            attributes["data-fresh-s"] = definition.fresh_for_s
    if is_missing(reading):
        attributes["data-withheld"] = str(reading.withheld or Withheld.NO_DATA)
    return _marked(_contents(definition, reading), "cell", attributes)


def is_missing(reading: Reading) -> bool:
    """Tell whether there is nothing to show but the reason why."""
    return reading.withheld is not None or (reading.value is None and not reading.parts)


def _contents(definition: KpiDefinition, reading: Reading) -> Children:
    if is_missing(reading):
        reason, detail = words.why_withheld(reading, minimum_n=definition.minimum_n)
        stale = reading.withheld is Withheld.STALE and reading.observed_at is not None
        note = html.Span(className="age") if stale else detail
        return [html.Div(reason, className="withheld"), html.Div(note, className="note")]
    if definition.id == DATA_AGE:
        return [html.Div(html.Span(className="age"), className="figure")]
    if reading.parts and "online" in reading.parts:
        return [_devices(reading.parts)]
    match definition.unit:
        case KpiUnit.COUNT:
            return [
                _figure(Quantity(figure=formats.number(reading.value or 0))),
                _count_note(definition, reading),
            ]
        case KpiUnit.SHARE:
            return [_figure(formats.share(reading.value or 0)), _share_note(reading)]
        case KpiUnit.SECONDS:
            return [_figure(formats.duration(reading.value or 0)), _note(_n(reading))]
        case KpiUnit.MIX:
            return _mix(reading)
    assert_never(definition.unit)


def _figure(quantity: Quantity) -> Component:
    unit = [html.Span(quantity.unit, className="of")] if quantity.unit else []
    long = len(quantity.figure) >= _LONG_FIGURE
    return html.Div([quantity.figure, *unit], className="figure long" if long else "figure")


def _marked(children: Children | str, name: str, attributes: dict[str, Any]) -> Component:
    """Return an element of class `name` that carries `data-` attributes."""
    return html.Div(children, className=name, **attributes)


def _note(children: Children | str) -> Component:
    return html.Div(children, className="note")


def _n(reading: Reading) -> str:
    return f"n = {formats.number(reading.n)}"


def _count_note(definition: KpiDefinition, reading: Reading) -> Component:
    if reading.parts and set(reading.parts) <= set(_RATING_LEVELS):
        return _rating_bars(reading.parts)
    if definition.fresh_for_s is not None and reading.observed_at is not None:
        return _note([html.Span(className="age")])
    return _note("")


def _share_note(reading: Reading) -> Component:
    if reading.low is None or reading.high is None:
        return _note(_n(reading))
    return _note(f"{formats.interval(reading.low, reading.high)} · {_n(reading)}")


def _rating_bars(parts: Mapping[str, float]) -> Component:
    """Return the five levels, very dissatisfied to very satisfied, as bars of relative height."""
    highest = max(parts.values(), default=0) or 1
    heights = (100 * parts.get(level, 0) / highest for level in _RATING_LEVELS)
    bars = [html.I(style={"height": f"{height:.0f}%"}) for height in heights]
    return html.Div(bars, className="note levels")


def _devices(parts: Mapping[str, float]) -> Component:
    online, known = parts["online"], parts.get("known", parts["online"])
    state = "all" if online >= known else "some" if online > 0 else "none"
    figure = f"{formats.number(online)}/{formats.number(known)}"
    return _marked(figure, "figure devices", {"data-online": state})


def _mix(reading: Reading) -> Children:
    parts = reading.parts or {}
    shares = {name: parts.get(name, 0.0) for name in words.SENTIMENTS}
    bar = html.Div(
        [html.I(className=name, style={"flexGrow": value}) for name, value in shares.items()],
        className="mix",
    )
    figures = [
        html.Span(formats.number(100 * value), className=name) for name, value in shares.items()
    ]
    return [bar, _note([*figures, html.Span(f"% · {_n(reading)}")])]
