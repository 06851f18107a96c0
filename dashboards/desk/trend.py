"""The figure of the indicators page: one KPI over the parts of a period, with its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contract.readings import KpiDefinition, Measure, Reading
from dashboards.look.figures import describe, reason
from dashboards.look.texts import Bilingual, tell
from dashboards.look.theme import palette, plotly_template

_SCALES = {Measure.SHARE: 100.0, Measure.MIX: 100.0, Measure.SECONDS: 1 / 60}
_SIGNED = {Measure.SHARE, Measure.INDEX}
_SIGNS = {Measure.SHARE: "%", Measure.MIX: "%"}
_WORDS = {Measure.SECONDS: "measured_in.minutes", Measure.DAYS: "measured_in.working_days"}


def render_trend(definition: KpiDefinition, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return the figure as a Dash graph takes it: gaps where nothing may be shown.

    Its title says the same in words for whoever cannot see it.
    """
    scale = _SCALES.get(definition.measure, 1.0)
    shown = [None if reason(each) else each for each in readings]
    names = [_short(each.period) for each in readings]
    values = [None if each is None or each.value is None else each.value * scale for each in shown]
    bounded = [
        (name, each.low * scale, each.high * scale)
        for name, each in zip(names, shown, strict=True)
        if each is not None and each.low is not None and each.high is not None
    ]
    texts = [
        f"{name}: {_said(definition, each)}" for name, each in zip(names, readings, strict=True)
    ]
    return {
        "data": [*_band(bounded), _line(names, values, texts)],
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
                "nticks": 16,
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


def _band(bounded: Sequence[tuple[str, float, float]]) -> list[dict[str, Any]]:
    if not bounded:
        return []
    names, low, high = (list(column) for column in zip(*bounded, strict=True))
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**edge, "x": names, "y": low},
        {**edge, "x": names, "y": high, "fill": "tonexty", "fillcolor": palette().divider},
    ]


def _line(names: Sequence[str], values: Sequence[float | None], texts: Sequence[str]) -> Any:  # noqa: ANN401 - Plotly's own type
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(names),
        "y": list(values),
        "text": list(texts),
        "hoverinfo": "text",
        "line": {"color": palette().ink, "width": 2},
        "marker": {"size": 6, "color": palette().ink},
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
