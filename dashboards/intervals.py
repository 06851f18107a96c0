"""The figure of the units page: every unit's share satisfied with its 95 % interval.

Neighbours whose intervals overlap cannot be told apart: the figure says what a sorted column hides.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from contract.readings import UnitReadings
from dashboards import formats
from dashboards.figures import reading_of, reason
from dashboards.screens import to_json
from dashboards.theme import PALETTE, plotly_template
from dashboards.words import SMALL_SAMPLE

SHARE = "share_satisfied_today"
_LONGEST_NAME = 20
_MOST_NAMES = 24
"""More names than these do not fit under the axis; they are then shown on pointing."""

_NOTHING = {
    "text": f"{SMALL_SAMPLE.vi} · {SMALL_SAMPLE.en}",
    "xref": "paper",
    "yref": "paper",
    "x": 0.5,
    "y": 0.5,
    "showarrow": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One unit's share with its bounds, all 0..1."""

    name: str
    value: float
    low: float
    high: float
    simulated: bool


def estimates(units: Sequence[UnitReadings]) -> tuple[Estimate, ...]:
    """Return the shares that may be shown, best first; withheld ones are left out."""
    found = []
    for unit in units:
        reading = reading_of(unit, SHARE)
        value, low, high = reading.value, reading.low, reading.high
        if reason(reading) is None and value is not None and low is not None and high is not None:
            found.append(
                Estimate(
                    name=unit.name_vi, value=value, low=low, high=high, simulated=unit.simulated
                )
            )
    return tuple(sorted(found, key=lambda estimate: (-estimate.value, estimate.name)))


def render_intervals(shown: Sequence[Estimate]) -> str:
    """Return the figure as the JSON that a Dash graph takes."""
    template = plotly_template().to_plotly_json()
    positions = list(range(len(shown)))
    names = len(shown) <= _MOST_NAMES
    return to_json(
        {
            "data": [_trace(shown, positions)],
            "layout": {
                "template": template,
                "annotations": [] if shown else [_NOTHING],
                "yaxis": {"ticksuffix": "%", "tickformat": ",.0f", "visible": bool(shown)},
                "xaxis": {
                    "tickvals": positions if names else [],
                    "ticktext": [
                        textwrap.shorten(e.name, _LONGEST_NAME, placeholder="…") for e in shown
                    ]
                    if names
                    else [],
                    "showgrid": False,
                    "range": [-0.6, max(len(shown), 1) - 0.4],
                    "visible": bool(shown),
                },
            },
        }
    )


def _trace(shown: Sequence[Estimate], positions: Sequence[int]) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": positions,
        "y": [100 * estimate.value for estimate in shown],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (estimate.high - estimate.value) for estimate in shown],
            "arrayminus": [100 * (estimate.value - estimate.low) for estimate in shown],
            "thickness": 2,
            "width": 0,
            "color": PALETTE.ink_soft,
        },
        "marker": {
            "size": 9,
            "color": [PALETTE.simulated if e.simulated else PALETTE.ink for e in shown],
        },
        "text": [
            f"{e.name}: {formats.share(e.value)} ({formats.share(e.low)}–{formats.share(e.high)})"
            for e in shown
        ],
        "hoverinfo": "text",
    }
