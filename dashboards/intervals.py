"""The figure of the units page: every unit's share satisfied with its 95 % interval.

Neighbours whose intervals overlap cannot be told apart: the figure says what a sorted column hides.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from contract.readings import UnitReadings, Withheld
from dashboards import formats
from dashboards.figures import reading_of, reason
from dashboards.screens import to_json
from dashboards.theme import PALETTE, plotly_template
from dashboards.words import NO_DATA, SMALL_SAMPLE, Words

SHARE = "share_satisfied_today"
_LONGEST_NAME = 20
_MOST_NAMES = 24
"""More names than these do not fit under the axis; they are then shown on pointing."""


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


def why_none(units: Sequence[UnitReadings]) -> Words:
    """Return what to say where no share may be shown."""
    reasons = {reason(reading_of(unit, SHARE)) for unit in units}
    return SMALL_SAMPLE if Withheld.SMALL_SAMPLE in reasons else NO_DATA


def render_intervals(shown: Sequence[Estimate], nothing: Words = NO_DATA) -> str:
    """Return the figure as the JSON that a Dash graph takes; without any share, `nothing`."""
    template = plotly_template().to_plotly_json()
    positions = list(range(len(shown)))
    names = len(shown) <= _MOST_NAMES
    return to_json(
        {
            "data": [_trace(shown, positions)],
            "layout": {
                "template": template,
                "annotations": [] if shown else [_notice(nothing)],
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


def _notice(text: Words) -> dict[str, object]:
    return {
        "text": f"{text.vi} · {text.en}",
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
    }


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
