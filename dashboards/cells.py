"""One reading as a cell of the wall: its figure, what bounds it, and graphics without axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, KpiUnit, Reading
from dashboards import formats, words
from dashboards.figures import describe, reason, sample
from dashboards.formats import Quantity
from dashboards.words import Words

DATA_AGE = "data_age"
"""The KPI whose value every browser counts on by itself, second by second."""
_NARROWEST_LABELLED_SHARE = 0.15

Children: TypeAlias = Sequence[Component | str]


def render_cell(definition: KpiDefinition, reading: Reading) -> Component:
    """Return the cell of `reading`; browsers turn it stale by its `data-` attributes."""
    attributes: dict[str, Any] = {"data-kpi": definition.id}
    if reading.observed_at is not None:
        attributes["data-observed-ms"] = formats.epoch_ms(reading.observed_at)
        if definition.fresh_for_s is not None:
            attributes["data-fresh-s"] = definition.fresh_for_s
    why = reason(reading)
    if why is not None:
        attributes["data-withheld"] = str(why)
    return html.Div(_contents(definition, reading), className="cell", **attributes)


def _contents(definition: KpiDefinition, reading: Reading) -> Children:
    figure = describe(definition, reading)
    if figure.quantity is None:
        why = figure.withheld.vi if figure.withheld else ""
        said: Children | str = [render_age(), f" {why}"] if definition.id == DATA_AGE else why
        missing = html.Div(said, className="withheld")
        known = reading.observed_at is not None and definition.id != DATA_AGE
        return [missing, _note(render_age() if known else ""), _bounds(figure.note)]
    if definition.id == DATA_AGE:
        old = html.Div([words.STALE.vi.upper(), " · ", render_age()], className="old")
        return [html.Div(render_age(), className="figure"), old, _bounds("")]
    bounds = "" if definition.unit is KpiUnit.MIX else figure.note
    return [*_drawn(definition, reading, figure.quantity), _old(), _bounds(bounds)]


def _drawn(definition: KpiDefinition, reading: Reading, quantity: Quantity) -> Children:
    """Return the figure and, in the line below it, the age of its data."""
    if definition.unit is KpiUnit.MIX:
        return [_mix(reading.parts or {}), _note([sample(reading), " ", render_age()])]
    if reading.parts and reading.parts.keys() <= words.RATINGS.keys():
        return [_large(quantity), _rating_bars(reading.parts)]
    return [_large(quantity, **_device_state(reading)), _note(render_age())]


def render_breakdown(
    name: str, labels: Mapping[str, Words], parts: Mapping[str, float], *, unit: KpiUnit
) -> Component:
    """Return named bars, one for each part: a mix in per cent, counts as they are."""
    highest = max(parts.values(), default=0) or 1
    bars = []
    for part, label in labels.items():
        value = parts.get(part, 0.0)
        width = {"width": f"{100 * value / highest:.1f}%"}
        figure = str(formats.share(value)) if unit is KpiUnit.MIX else formats.number(value)
        bars += [
            html.Div([html.Span(label.vi), html.Span(label.en, className="en")]),
            html.Div(html.I(className=part, style=width), className="track"),
            html.Div(figure, className="figure"),
        ]
    return html.Div(bars, className=f"breakdown {name}")


def _large(quantity: Quantity, **attributes: Any) -> Component:  # noqa: ANN401 - Dash's own type
    unit = [html.Span(quantity.unit, className="of")] if quantity.unit else []
    return html.Div([quantity.figure, *unit], className="figure", **attributes)


def _note(content: Component | str | Children) -> Component:
    return html.Div(content, className="note")


def _bounds(text: str) -> Component:
    """Return the third line, which keeps its place if empty: interval, or sample size if small."""
    return html.Div(text, className="bounds")


def render_age() -> Component:
    """Return the sign of an age, and in a cell the place where browsers count it."""
    return html.Span(className="age")


def _old() -> Component:
    """Return what takes the note's place once the data are old."""
    return html.Div([words.OLD.vi, " · ", render_age()], className="old")


def _device_state(reading: Reading) -> dict[str, str]:
    """Return the attribute that colours a count of devices, none for other counts."""
    parts = reading.parts or {}
    if "online" not in parts:
        return {}
    online, known = parts["online"], parts.get("known", parts["online"])
    return {"data-online": "all" if online >= known else "some" if online > 0 else "none"}


def _rating_bars(parts: Mapping[str, float]) -> Component:
    """Return the five levels, worst to best, as bars of relative height, and the data's age."""
    highest = max(parts.values(), default=0) or 1
    heights = (100 * parts.get(level, 0) / highest for level in sorted(words.RATINGS))
    bars = [html.I(style={"height": f"{height:.0f}%"}) for height in heights]
    return html.Div([*bars, render_age()], className="note levels")


def _mix(parts: Mapping[str, float]) -> Component:
    """Return the bar of shares, each with its per cent where the segment is wide enough."""
    shares = {name: parts.get(name, 0.0) for name in words.SENTIMENTS}
    segments = [
        html.I(
            formats.number(100 * value) if value >= _NARROWEST_LABELLED_SHARE else "",
            className=name,
            style={"flexGrow": value},
        )
        for name, value in shares.items()
    ]
    return html.Div(segments, className="mix")
