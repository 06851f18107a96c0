"""The figure of the units page: every unit's share satisfied with its 95 % interval.

Neighbours whose intervals overlap cannot be told apart: the figure says what a sorted column hides.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.readings import Reading, Unit, Withheld
from dashboards.desk.charts import Figures
from dashboards.look import formats
from dashboards.look.figures import reason
from dashboards.look.texts import Bilingual, name_of, say, tell
from dashboards.look.theme import palette, plotly_template

SHARE = "share_satisfied"
_LONGEST_NAME = 20
_MOST_NAMES = 24
"""More names than these do not fit under the axis; they are then shown on pointing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One unit's share with its bounds, all 0..1."""

    name: str
    value: float
    low: float
    high: float
    simulated: bool


def intervals(shares: Sequence[tuple[Unit, Reading]]) -> tuple[Interval, ...]:
    """Return the shares that may be shown, best first; withheld ones are left out."""
    found = []
    for unit, reading in shares:
        value, low, high = reading.value, reading.low, reading.high
        if reason(reading) is None and value is not None and low is not None and high is not None:
            found.append(
                Interval(
                    name=name_of(unit).text,
                    value=value,
                    low=low,
                    high=high,
                    simulated=unit.simulated,
                )
            )
    return tuple(sorted(found, key=lambda interval: (-interval.value, interval.name)))


def why_none(shares: Sequence[Reading]) -> Bilingual:
    """Return what to say where no share may be shown."""
    small = Withheld.SMALL_SAMPLE in {reason(reading) for reading in shares}
    return say("withheld.small_sample" if small else "withheld.no_data")


def render_intervals(shown: Sequence[Interval], nothing: Bilingual) -> dict[str, Any]:
    """Return the figure as a Dash graph takes it; without any share it says `nothing`."""
    positions = list(range(len(shown)))
    named = shown if len(shown) <= _MOST_NAMES else ()
    names = [_cut(each.name) for each in named]
    return {
        "data": [_trace(shown, positions)],
        "layout": {
            "template": plotly_template().to_plotly_json(),
            "annotations": [] if shown else [_notice(nothing)],
            "yaxis": {"ticksuffix": "%", "tickformat": ",.0f", "visible": bool(shown)},
            "xaxis": {
                "tickvals": positions[: len(named)],
                "ticktext": names,
                "showgrid": False,
                "range": [-0.6, max(len(shown), 1) - 0.4],
                "visible": bool(shown),
            },
        },
    }


def interval_figures(shown: Sequence[Interval]) -> Figures:
    """Return the same figures as a table."""
    return Figures(
        heads=[tell("column.unit"), tell("chart.value"), tell("chart.interval")],
        rows=[
            [each.name, str(formats.share(each.value)), formats.share_range(each.low, each.high)]
            for each in shown
        ],
    )


def _cut(name: str) -> str:
    """Return as many words of `name` as there is room for, else the beginning of the first."""
    words = textwrap.shorten(name, _LONGEST_NAME, placeholder="…")
    return words if words != "…" else f"{name[: _LONGEST_NAME - 1]}…"


def _notice(text: Bilingual) -> dict[str, Any]:
    return {
        "text": text.text,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
    }


def _trace(shown: Sequence[Interval], positions: Sequence[int]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": positions,
        "y": [100 * interval.value for interval in shown],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (interval.high - interval.value) for interval in shown],
            "arrayminus": [100 * (interval.value - interval.low) for interval in shown],
            "thickness": 2,
            "width": 0,
            "color": palette().ink_soft,
        },
        "marker": {
            "size": 9,
            "color": [palette().simulated if e.simulated else palette().ink for e in shown],
        },
        "text": [
            f"{e.name}: {formats.share(e.value)} ({formats.share(e.low)}–{formats.share(e.high)})"
            for e in shown
        ],
        "hoverinfo": "text",
    }
