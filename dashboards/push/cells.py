"""One reading as a cell of the wall: its figure, what bounds it, and graphics without axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Measure, Reading
from dashboards.look import formats
from dashboards.look.figures import describe, reason
from dashboards.look.formats import Quantity
from dashboards.look.texts import RATINGS, SENTIMENTS, Bilingual, say
from dashboards.push.messages import short, to_json

_NARROWEST_LABELLED_SHARE = 0.2
"""Of the narrowest bar: two digits have room in its segment."""

_OLD = ("old",)
"""Stands in a cell for `render_old`, which travels once with the rows."""

Children: TypeAlias = Sequence[Component | str]


def marks_of(definition: KpiDefinition) -> dict[str, Any]:
    """Return the attributes that all cells of one KPI have in common."""
    marks: dict[str, Any] = {"data-kpi": definition.id, "data-measure": str(definition.measure)}
    if definition.fresh_for_s is not None:
        marks["data-fresh-s"] = definition.fresh_for_s
    return marks


def render_cell(definition: KpiDefinition, reading: Reading) -> str:
    """Return what the cell says as JSON; browsers turn it stale by the time of its reading."""
    why = reason(reading)
    cell: dict[str, Any] = {} if why is None else {"withheld": str(why)}
    said = [node if node is _OLD else short(node) for node in _contents(definition, reading)]
    return to_json(cell | {"says": said})


def render_breakdown(
    name: str, labels: Mapping[str, Bilingual], parts: Mapping[str, float], *, measure: Measure
) -> Component:
    """Return named bars, one for each part: a mix in per cent, counts as they are."""
    highest = max(parts.values(), default=0) or 1
    bars = []
    for part, label in labels.items():
        value = parts.get(part, 0.0)
        width = {"width": f"{100 * value / highest:.1f}%"}
        figure = str(formats.share(value)) if measure is Measure.MIX else formats.number(value)
        bars += [
            html.Div([html.Span(label.vi), html.Span(label.en, className="en")]),
            html.Div(html.I(className=part, style=width), className="track"),
            html.Div(figure, className="figure"),
        ]
    return html.Div(bars, className=f"breakdown {name}")


def render_age() -> Component:
    """Return the sign of an age, and in a cell the place where browsers count it."""
    return html.Span(className="age")


def _contents(definition: KpiDefinition, reading: Reading) -> Sequence[object]:
    figure = describe(definition, reading)
    is_age = definition.measure is Measure.AGE
    if figure.quantity is None:
        why = figure.withheld.vi if figure.withheld else ""
        said: Children | str = [render_age(), f" {why}"] if is_age else why
        missing = html.Div(said, className="withheld")
        known = reading.observed_at is not None and not is_age
        return [missing, _note(render_age() if known else ""), _bounds(figure.note)]
    if is_age:
        stale = say("withheld.stale").vi.upper()
        old = html.Div([f"{stale} · ", render_age()], className="old")
        return [html.Div(render_age(), className="figure"), old, _bounds("")]
    return [*_drawn(definition, reading, figure.quantity), _OLD, _bounds(figure.note)]


def _drawn(definition: KpiDefinition, reading: Reading, quantity: Quantity) -> Children:
    """Return the figure and, in the line below it, the age of its data."""
    if definition.measure is Measure.MIX:
        return [_mix(reading.parts or {}), _note(render_age())]
    if reading.parts and reading.parts.keys() <= set(RATINGS):
        return [_large(quantity), _rating_bars(reading.parts)]
    return [_large(quantity, **_device_state(reading)), _note(render_age())]


def _large(quantity: Quantity, **attributes: Any) -> Component:  # noqa: ANN401 - Dash's own type
    unit = [html.Span(quantity.unit, className="of")] if quantity.unit else []
    return html.Div([quantity.figure, *unit], className="figure", **attributes)


def _note(content: Component | str | Children) -> Component:
    return html.Div(content, className="note")


def _bounds(text: str) -> Component:
    """Return the third line, which keeps its place if empty: interval, or sample size if small."""
    return html.Div(text, className="bounds")


def render_old() -> Component:
    """Return what takes the note's place in any cell once its data are old."""
    return html.Div([f"{say('wall.old').vi} · ", render_age()], className="old")


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
    heights = (100 * parts.get(level, 0) / highest for level in sorted(RATINGS))
    bars = [html.I(style={"height": f"{height:.0f}%"}) for height in heights]
    return html.Div([*bars, render_age()], className="note levels")


def _mix(parts: Mapping[str, float]) -> Component:
    """Return the bar of shares, each with its per cent where the segment is wide enough."""
    segments = []
    for name in SENTIMENTS:
        value = parts.get(name, 0.0)
        label = formats.number(100 * value) if value >= _NARROWEST_LABELLED_SHARE else ""
        segments.append(html.I(label, className=name, style={"flexGrow": round(value, 3)}))
    return html.Div(segments, className="mix")
