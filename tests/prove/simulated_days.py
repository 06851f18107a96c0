"""The simulated province behaves as its traits say, over many days."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from contract.local_time import LOCAL_TIME
from contract.messages import WaitOutcome
from motcua.simulate.arrivals import is_open
from motcua.simulate.counter import day_at_counter
from motcua.simulate.events import RatingGiven, SimulatedEvent, VisitEnded, WaitEnded
from motcua.simulate.outages import outages_of
from motcua.simulate.province import SimulatedCounter, counters_of, province
from tests.prove.proofs import Proof

COUNTERS = 40
FIRST_DAY = datetime(2026, 1, 1, tzinfo=LOCAL_TIME)
WITHIN_STANDARD_ERRORS = 4.0
SUNDAY = 6


@dataclass(kw_only=True)
class Seen:
    """What came of one counter over all days."""

    visitors_a_day: list[int] = field(default_factory=list)
    on_sundays: int = 0
    service_s: list[float] = field(default_factory=list)
    ratings: int = 0
    outages: int = 0


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Simulate `scale` weeks at every counter and compare what came with the planted traits."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(7 * scale)]
    counters = counters_of(province(COUNTERS, seed))
    seen = [_watch(counter, days, seed) for counter in counters]
    visitors = [
        abs(statistics.mean(s.visitors_a_day) - c.visitors_a_day)
        / math.sqrt(c.visitors_a_day / len(s.visitors_a_day))
        for c, s in zip(counters, seen, strict=True)
    ]
    service = [
        abs(statistics.mean(s.service_s) - c.traits.service_mean_s)
        / (statistics.stdev(s.service_s) / math.sqrt(len(s.service_s)))
        for c, s in zip(counters, seen, strict=True)
    ]
    outages = [
        abs(s.outages - c.traits.outages_a_day * len(days))
        / math.sqrt(c.traits.outages_a_day * len(days))
        for c, s in zip(counters, seen, strict=True)
    ]
    for what, errors in (("visitors", visitors), ("service time", service), ("outages", outages)):
        assert max(errors) < WITHIN_STANDARD_ERRORS, f"{what}: {max(errors):.1f} standard errors"
    assert sum(s.on_sundays for s in seen) == 0, "somebody came on a Sunday"
    assert all(s.ratings for s in seen), "a counter without ratings"
    return {
        "counters, days": f"{COUNTERS}, {len(days)}",
        "visits": f"{sum(len(s.service_s) for s in seen):,}",
        "ratings": f"{sum(s.ratings for s in seen):,}",
        "visitors a day, largest deviation of a counter": f"{max(visitors):.1f} standard errors",
        "mean service time, largest deviation": f"{max(service):.1f} standard errors",
        "outages, largest deviation": f"{max(outages):.1f} standard errors",
    }


def _watch(counter: SimulatedCounter, days: list[datetime], seed: int) -> Seen:
    seen = Seen()
    for day in days:
        # Windows of the camera are left out: they are most of the work and change nothing else.
        after = day + timedelta(days=2)
        events = list(day_at_counter(counter, day, seed=seed, watch_from=after))
        assert [event.at for event in events] == sorted(event.at for event in events)
        came = sum(_ends_a_stay(event) for event in events)
        if day.weekday() == SUNDAY:
            seen.on_sundays += came
        else:
            seen.visitors_a_day.append(came)
        visits = [event for event in events if isinstance(event, VisitEnded)]
        assert all(is_open(_arrived(visit)) for visit in visits), "somebody came to closed doors"
        seen.service_s += [visit.service_s for visit in visits]
        seen.ratings += sum(isinstance(event, RatingGiven) for event in events)
        seen.outages += len(outages_of(counter, day, seed=seed))
    return seen


def _arrived(visit: VisitEnded) -> datetime:
    return visit.at - timedelta(seconds=visit.service_s + visit.wait_s, milliseconds=-1)


def _ends_a_stay(event: SimulatedEvent) -> bool:
    has_left = isinstance(event, WaitEnded) and event.outcome is WaitOutcome.LEFT
    return has_left or isinstance(event, VisitEnded)


PROOF = Proof(
    claim=(
        "Over a year, visitors, service times and outages of every simulated counter agree with "
        "the traits that the seed gave its unit, within four standard errors; nobody comes on a "
        "Sunday or to closed doors."
    ),
    sources=(
        "motcua/simulate/counter.py",
        "motcua/simulate/outages.py",
        "tests/prove/simulated_days.py",
    ),
    measure=measure,
    small=2,
    full=52,
)
