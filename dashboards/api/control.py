"""What the API says of control limits, as far as screens show it."""

from __future__ import annotations

from dataclasses import dataclass

from contract.readings import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """The limits at one part of a period, and whether its figure lies outside them."""

    period: str
    lower: float
    centre: float
    upper: float
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLimits:
    """The limits of one KPI."""

    kpi: str
    points: tuple[ControlPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What `/control-limits` says: readings, and the limits of those KPIs that have any."""

    readings: tuple[Reading, ...]
    limits: tuple[ControlLimits, ...]
