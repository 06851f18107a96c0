"""When a simulated device is cut off: its connection breaks, its messages come late."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from motcua.simulate.province import SimulatedCounter

_DAY_S = 86_400.0
_MEDIAN_S = 240.0
_SIGMA = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One span without network."""

    begins_at: datetime
    ends_at: datetime


def outages_of(counter: SimulatedCounter, day: datetime, *, seed: int) -> tuple[Outage, ...]:
    """Return the outages that begin in the local day from `day`; the seed alone decides them."""
    chance = random.Random(f"outages/{seed}/{counter.address.device}/{day.date()}")  # noqa: S311
    found: list[Outage] = []
    after_s = chance.expovariate(counter.traits.outages_a_day / _DAY_S)
    while after_s < _DAY_S:
        begins_at = day + timedelta(seconds=after_s)
        lasts_s = chance.lognormvariate(math.log(_MEDIAN_S), _SIGMA)
        found.append(Outage(begins_at=begins_at, ends_at=begins_at + timedelta(seconds=lasts_s)))
        after_s += lasts_s + chance.expovariate(counter.traits.outages_a_day / _DAY_S)
    return tuple(found)
