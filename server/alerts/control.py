"""Control limits of readings over time: what a figure varies within while nothing has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

import numpy as np

from contract.readings import Measure, Reading
from server.alerts.charts import Limits, p_prime, xmr
from server.periods import Period

LEAST_POINTS = 10
"""Fewer give no limits: below ten, the spread of moving ranges is hardly known (`charts`)."""


class Chart(StrEnum):
    """By which chart the limits of a KPI are drawn."""

    P_PRIME = "p_prime"
    XMR = "xmr"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """The limits at one part of the period, and whether its figure lies outside them."""

    period: str
    lower: float
    centre: float
    upper: float
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLimits:
    """The limits of one KPI; `points` are the parts that they rest on, in order."""

    kpi: str
    chart: Chart
    points: tuple[ControlPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """Readings with the limits of every KPI that has any, and the server's clock at computing."""

    computed_at: datetime
    readings: tuple[Reading, ...]
    limits: tuple[ControlLimits, ...]


def chart_of(measure: Measure) -> Chart | None:
    """Return how figures of a measure are judged over time, None for those that are not.

    Shares have cases, by which their limits narrow; whatever else is taken as individual values.
    """
    match measure:
        case Measure.SHARE:
            return Chart.P_PRIME
        case Measure.COUNT | Measure.SECONDS | Measure.DAYS | Measure.INDEX:
            return Chart.XMR
        case Measure.MIX | Measure.AGE:
            return None
    assert_never(measure)


def control(
    measure: Measure, readings: Sequence[Reading], whole: Period, now: datetime
) -> ControlLimits | None:
    """Return the limits of one KPI's readings of one place in order of time.

    They rest on the parts that have a figure, have ended and lie within `whole`: half a week has
    half its visits. None for fewer than `LEAST_POINTS` of them.
    """
    chart = chart_of(measure)
    told = [each for each in readings if each.value is not None and _rests(each, whole, now)]
    if chart is None or len(told) < LEAST_POINTS:
        return None
    values = np.array([each.value for each in told], dtype=np.float64)
    n = np.array([each.n for each in told], dtype=np.float64)
    limits = p_prime(values * n, n) if chart is Chart.P_PRIME else xmr(values)
    lower, upper = _bounds(limits, measure, len(told))
    return ControlLimits(
        kpi=told[0].kpi,
        chart=chart,
        points=tuple(
            ControlPoint(
                period=each.period,
                lower=float(low),
                centre=float(limits.centre),
                upper=float(high),
                outside=bool(value < low or value > high),
            )
            for each, value, low, high in zip(told, values, lower, upper, strict=True)
        ),
    )


def _rests(reading: Reading, whole: Period, now: datetime) -> bool:
    part = Period.parse(reading.period, now)
    return part.is_over(now) and part.lies_within(whole)


def _bounds(limits: Limits, measure: Measure, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return both limits at each point; nothing that is counted or lasts falls below zero."""
    lower, upper = (np.broadcast_to(each, (points,)) for each in (limits.lower, limits.upper))
    return (lower if measure is Measure.INDEX else np.maximum(lower, 0.0)), upper
