"""One KPI over the parts of a period: its intervals, and the control limits where it has any."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from dash import html

from contract.readings import KpiDefinition, Measure, Reading
from dashboards.api.control import ControlLimits, ControlPoint
from dashboards.desk.annotations import Annotation, marked
from dashboards.desk.charts import Figures, chart, figures_table
from dashboards.look import formats
from dashboards.look.figures import describe, reason
from dashboards.look.texts import Bilingual, name_of, tell
from dashboards.look.theme import palette, plotly_template

_SCALES = {Measure.SHARE: 100.0, Measure.MIX: 100.0, Measure.SECONDS: 1 / 60}
_MOST_TICKS = 8
_SIGNED = {Measure.SHARE, Measure.INDEX}
_SIGNS = {Measure.SHARE: "%", Measure.MIX: "%"}
_WORDS = {Measure.SECONDS: "measured_in.minutes", Measure.DAYS: "measured_in.working_days"}


def trend(
    definition: KpiDefinition,
    readings: Sequence[Reading],
    *,
    height: str,
    limits: ControlLimits | None = None,
    noted: Sequence[Annotation] = (),
) -> html.Figure:
    """Return the chart with its table; `height` is a length of CSS, `noted` is marked on it."""
    shown = _begun(readings)
    name = name_of(definition).text
    return chart(
        marked(render_trend(definition, shown, limits), [each.period for each in shown], noted),
        figures_table(trend_figures(definition, shown, limits), name),
        name=name,
        height=height,
    )


def trend_key(*, limits: bool = False) -> html.P:
    """Return what the grounds and lines of trends mean, said once for all that stand together."""
    said = [tell("chart.interval_key"), *([tell("chart.limits_key")] if limits else [])]
    return html.P(" ".join(said), className="note")


def _begun(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Return the parts since the first of which anything is known; all where nothing is."""
    first = next((at for at, each in enumerate(readings) if each.value is not None or each.n), 0)
    return readings[first:]


def trend_figures(
    definition: KpiDefinition, readings: Sequence[Reading], limits: ControlLimits | None = None
) -> Figures:
    """Return the same figures as a table."""
    heads = [tell("chart.part"), tell("chart.value"), tell("chart.interval"), tell("chart.n")]
    rows: list[list[str]] = []
    by_period = {each.period: each for each in limits.points} if limits else {}
    for each in readings:
        said = describe(definition, each)
        why = said.withheld.text if said.withheld is not None else ""
        told = why if said.quantity is None else str(said.quantity)
        bounded = said.note if each.low is not None and said.quantity is not None else ""
        row = [_short(each.period), told, bounded, formats.number(each.n)]
        if limits is not None:
            row += _limits_told(definition, by_period.get(each.period))
        rows.append(row)
    if limits is not None:
        heads += [tell("chart.limits"), tell("chart.judged")]
    return Figures(heads=heads, rows=rows)


def _limits_told(definition: KpiDefinition, point: ControlPoint | None) -> list[str]:
    if point is None:
        return ["", ""]
    scale, sign = _SCALES.get(definition.measure, 1.0), _suffix(definition.measure)
    low, high = (formats.number(bound * scale, 1) for bound in (point.lower, point.upper))
    return [f"{low}–{high}{sign}", tell("chart.outside" if point.outside else "chart.inside")]


def render_trend(
    definition: KpiDefinition, readings: Sequence[Reading], limits: ControlLimits | None = None
) -> dict[str, Any]:
    """Return the figure as a Dash graph takes it: gaps where nothing may be shown.

    What lies outside its limits has another shape and colour than what lies within.
    """
    scale = _SCALES.get(definition.measure, 1.0)
    shown = [None if reason(each) else each for each in readings]
    names = [_short(each.period) for each in readings]
    values = [None if each is None or each.value is None else each.value * scale for each in shown]
    bounds = [
        None
        if each is None or each.low is None or each.high is None
        else (name, each.low * scale, each.high * scale)
        for name, each in zip(names, shown, strict=True)
    ]
    texts = [
        f"{name}: {_said(definition, each)}" for name, each in zip(names, readings, strict=True)
    ]
    return {
        "data": [
            *_band(bounds),
            *_limit_lines(readings, limits, scale),
            _line(names, values, texts, _outside(readings, limits)),
        ],
        "layout": {
            "template": plotly_template().to_plotly_json(),
            "yaxis": {
                "ticksuffix": _suffix(definition.measure),
                "rangemode": "normal" if definition.measure in _SIGNED else "tozero",
            },
            "xaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": names,
                "showgrid": False,
                "nticks": _MOST_TICKS,
                "tickangle": 0,
            },
            "showlegend": False,
            "annotations": [] if any(v is not None for v in values) else [_nothing()],
        },
    }


def _suffix(measure: Measure) -> str:
    if measure in _WORDS:
        return f" {tell(_WORDS[measure])}"
    return _SIGNS.get(measure, "")


def _said(definition: KpiDefinition, reading: Reading) -> str:
    figure = describe(definition, reading)
    said = figure.quantity if figure.quantity is not None else figure.withheld
    text = said.text if isinstance(said, Bilingual) else str(said)
    return f"{text} {figure.note}".strip()


def _band(bounds: Sequence[tuple[str, float, float] | None]) -> list[dict[str, Any]]:
    """Return the intervals as one ground for each run of parts that have them."""
    runs = [
        [each for each in run if each is not None]
        for there, run in groupby(bounds, key=lambda each: each is not None)
        if there
    ]
    return [trace for run in runs for trace in _ground(run)]


def _ground(run: Sequence[tuple[str, float, float]]) -> list[dict[str, Any]]:
    names, low, high = (list(column) for column in zip(*run, strict=True))
    edge = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    if len(run) == 1:
        line = {"width": 8, "color": palette().divider}
        return [{**edge, "x": names * 2, "y": [*low, *high], "line": line}]
    return [
        {**edge, "x": names, "y": low, "line": {"width": 0}},
        {
            **edge,
            "x": names,
            "y": high,
            "line": {"width": 0},
            "fill": "tonexty",
            "fillcolor": palette().divider,
        },
    ]


def _limit_lines(
    readings: Sequence[Reading], limits: ControlLimits | None, scale: float
) -> list[dict[str, Any]]:
    """Return centre and limits as lines, with gaps where there are none."""
    if limits is None:
        return []
    by_period = {each.period: each for each in limits.points}
    names = [_short(each.period) for each in readings]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": names,
            "y": [
                None
                if each.period not in by_period
                else getattr(by_period[each.period], side) * scale
                for each in readings
            ],
            "line": {"color": palette().mix_neutral, "width": 1.5, "dash": dash},
            "hoverinfo": "skip",
            "connectgaps": False,
        }
        for side, dash in (("lower", "dash"), ("centre", "solid"), ("upper", "dash"))
    ]


def _outside(readings: Sequence[Reading], limits: ControlLimits | None) -> list[bool]:
    found = {each.period for each in limits.points if each.outside} if limits else set()
    return [each.period in found for each in readings]


def _line(
    names: Sequence[str],
    values: Sequence[float | None],
    texts: Sequence[str],
    outside: Sequence[bool],
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(names),
        "y": list(values),
        "text": list(texts),
        "hoverinfo": "text",
        "line": {"color": palette().ink, "width": 2},
        "marker": {
            "size": [12 if each else 6 for each in outside],
            "symbol": ["diamond" if each else "circle" for each in outside],
            "color": [palette().mix_negative if each else palette().ink for each in outside],
        },
        "connectgaps": False,
    }


def _short(period: str) -> str:
    """Return a part of the period as its axis names it: 05/10, 10/2026, T44."""
    parts = period.split("-")
    if len(parts) == 3:
        return f"{parts[2]}/{parts[1]}"
    if len(parts) == 2 and parts[1][0] == "W":
        return tell("period.week", week=int(parts[1][1:]))
    return "/".join(reversed(parts))


def _nothing() -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": tell("withheld.no_data"), **place}
