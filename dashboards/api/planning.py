"""What the API says of the counters that a unit needs, at `/api/v1/planning`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPlan:
    """One hour of the week; weekday 1 is Monday. What is not known is None."""

    weekday: int
    hour: int
    days: int
    seen_days: int
    planned: float
    arrivals_per_hour: float | None = None
    open: float | None = None
    needed: int | None = None
    utilisation: float | None = None
    wait_s: float | None = None
    share_within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPlan:
    """The hours, and what they rest on."""

    target_s: float
    arrival_variation: float
    service_s: float | None = None
    service_variation: float | None = None
    hours: tuple[HourPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What `/planning` says."""

    period: str
    week: WeekPlan
