"""When people arrive: opening hours and the rate of arrivals over a day (local time)."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

_HOUR_S = 3600.0
_DAY_S = 24 * _HOUR_S
_SHIFTS_H = ((7.5, 11.5), (13.5, 17.0))
_SUNDAY = 6
_AFTER_HOURS = 0.4

# Weight of an arrival by local hour: people come when the doors open and after the noon break,
# few come shortly before closing.
_WEIGHTS = (
    (7.5, 0.7), (8.5, 1.5), (9.5, 1.45), (10.5, 1.0), (11.5, 0.3),
    (13.5, 0.8), (14.25, 1.35), (15.5, 1.1), (16.5, 0.6), (17.0, 0.2),
)  # fmt: skip
_OPEN_H = sum(end - start for start, end in _SHIFTS_H)


def is_open(local: datetime) -> bool:
    """Return whether a counter is open; closed on Sundays."""
    hour = _hour(local)
    return local.weekday() != _SUNDAY and any(start <= hour < end for start, end in _SHIFTS_H)


def arrivals_per_s(local: datetime, *, visitors_a_day: float, always_open: bool) -> float:
    """Return the rate of arrivals; with `always_open` closed hours have a part of the mean."""
    mean = visitors_a_day / (_OPEN_H * _HOUR_S)
    if is_open(local):
        return mean * _weight(_hour(local)) / _MEAN_WEIGHT
    return mean * _AFTER_HOURS if always_open else 0.0


def arrival_times(
    day: datetime, chance: random.Random, *, visitors_a_day: float, always_open: bool
) -> Iterator[datetime]:
    """Yield the arrivals of the local day that starts at `day`, a non-homogeneous Poisson process.

    Thinning (Lewis and Shedler 1979): candidates at the highest rate, each kept with the
    probability that the rate at its time has of the highest.
    """
    highest = visitors_a_day / (_OPEN_H * _HOUR_S) * _HIGHEST_WEIGHT / _MEAN_WEIGHT
    after_s = 0.0
    while True:
        after_s += chance.expovariate(highest)
        if after_s >= _DAY_S:
            return
        at = day + timedelta(seconds=after_s)
        rate = arrivals_per_s(at, visitors_a_day=visitors_a_day, always_open=always_open)
        if chance.random() * highest < rate:
            yield at


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60 + local.second / _HOUR_S


def _weight(hour: float) -> float:
    for (left, low), (right, high) in pairwise(_WEIGHTS):
        if left <= hour <= right:
            return low + (high - low) * (hour - left) / (right - left)
    return 0.0


def _mean_weight() -> float:
    steps_per_h = 60
    total = sum(
        _weight(start + (step + 0.5) / steps_per_h)
        for start, end in _SHIFTS_H
        for step in range(math.floor((end - start) * steps_per_h))
    )
    return total / (_OPEN_H * steps_per_h)


_MEAN_WEIGHT = _mean_weight()
_HIGHEST_WEIGHT = max(weight for _, weight in _WEIGHTS)
