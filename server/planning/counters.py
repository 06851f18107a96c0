"""Which counters each hour of the week needs, from what came and how long it took. Pure.

The target is the *expected* wait: Decision 468/QĐ-TTg asks for an average of at most 15 minutes,
and Allen and Cunneen's correction is one of the mean. The share within 15 minutes is beside it.

An arrival is a visit or somebody who left, in the hour in which that ended: hourly totals know no
earlier moment, so the beginning of a rush shows some minutes late. The variation of arrivals, ca²,
is taken from how much the same hour differs from week to week: Pearson's index of dispersion over
all hours of the unit, Σ (n - m)² / m over its degrees of freedom, which is 1 for Poisson arrivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.facts.histograms import EMPTY, Histogram
from server.planning.erlang import Demand, counters_needed

TARGET_S = 900.0
"""The average wait that Decision 468/QĐ-TTg allows from 2025 on."""

FEWEST_SERVICES = 30
"""An hour with fewer services is judged by those of the whole unit, the unit with fewer by none."""

FEWEST_DEGREES = 20
"""With fewer degrees of freedom arrivals are taken as Poisson's: the index is mostly chance."""

_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotals:
    """What is known of one hour of the week: `weekday` 1 is Monday, `hour` is local, 0..23.

    `days` have such an hour that is open by the calendar or in which people came, `open_s` are its
    open seconds, `planned_s` the seconds in them of counters on the roster. A camera saw it on
    `seen_days`, `seen_s` open seconds; on those came `arrivals`, with the sum of their squares, and
    `served_counters` is the sum of the counters that served somebody.
    """

    weekday: int
    hour: int
    days: int
    open_s: int
    planned_s: int
    seen_days: int = 0
    seen_s: int = 0
    arrivals: int = 0
    arrivals_squared: int = 0
    served_counters: int = 0
    services: Histogram = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPlan:
    """One hour of the week: what came, and the counters that it needs, that were planned and open.

    `arrivals_per_hour`, `open` and `needed` are None where no camera saw the hour, `needed` also
    where too few services are known; `wait_s`, `share_within` and `utilisation` are those of the
    needed counters. `planned` and `open` are means over the days.
    """

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
    services: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPlan:
    """The hours of a unit's week with what they rest on; variations are squared, without a unit.

    `service_s` and `service_variation` are the whole unit's, None with too few services.
    """

    target_s: float
    arrival_variation: float
    service_s: float | None
    service_variation: float | None
    hours: tuple[HourPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    mean_s: float
    variation: float


def plan_week(totals: Sequence[HourTotals], *, target_s: float = TARGET_S) -> WeekPlan:
    """Return the counters that each hour of the week needs, in order of weekday and hour."""
    services = EMPTY
    for each in totals:
        services = services + each.services
    whole = _services(services)
    arrivals = dispersion(totals)
    ordered = sorted(totals, key=lambda each: (each.weekday, each.hour))
    return WeekPlan(
        target_s=target_s,
        arrival_variation=arrivals,
        service_s=None if whole is None else whole.mean_s,
        service_variation=None if whole is None else whole.variation,
        hours=tuple(_plan(each, whole, arrivals, target_s) for each in ordered),
    )


def dispersion(totals: Sequence[HourTotals]) -> float:
    """Return Pearson's index of dispersion of arrivals in like hours; 1 where too few are known."""
    excess, degrees = 0.0, 0
    for each in totals:
        if each.arrivals:
            mean = each.arrivals / each.seen_days
            excess += each.arrivals_squared / mean - each.arrivals
            degrees += each.seen_days - 1
    return excess / degrees if degrees >= FEWEST_DEGREES else 1.0


def _plan(
    totals: HourTotals, whole: _Services | None, arrivals: float, target_s: float
) -> HourPlan:
    known = HourPlan(
        weekday=totals.weekday,
        hour=totals.hour,
        days=totals.days,
        seen_days=totals.seen_days,
        planned=totals.planned_s / totals.open_s,
    )
    if not totals.seen_days:
        return known
    rate = totals.arrivals / totals.seen_s
    services = _services(totals.services) or whole
    counted = replace(
        known,
        arrivals_per_hour=rate * _HOUR_S,
        open=totals.served_counters / totals.seen_days,
        services=totals.services.n,
    )
    if services is None:
        return counted
    found = counters_needed(
        Demand(
            arrivals_per_s=rate,
            service_s=services.mean_s,
            arrival_variation=arrivals,
            service_variation=services.variation,
        ),
        target_s,
    )
    return replace(
        counted,
        needed=found.counters,
        utilisation=found.utilisation,
        wait_s=found.wait_s,
        share_within=found.share_within(target_s),
    )


def _services(seconds: Histogram) -> _Services | None:
    """Return mean and squared coefficient of variation, None of too few services."""
    n = seconds.n
    if n < FEWEST_SERVICES:
        return None
    mean_s = sum(value * count for value, count in seconds.values()) / n
    squares = sum((value - mean_s) ** 2 * count for value, count in seconds.values())
    return _Services(mean_s=mean_s, variation=squares / (n - 1) / mean_s**2)
