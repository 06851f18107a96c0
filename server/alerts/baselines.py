"""What is usual at a weekday and hour, from the closed weeks before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from contract.local_time import LOCAL_TIME

WEEKS = 8
"""Closed weeks of a baseline: enough to see its range, few enough to follow change."""

LEAST_WEEKS = 3
"""Fewer tell no range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The lowest and the highest value of so many weeks."""

    low: float
    high: float
    weeks: int


def usual_hours(day: date, hour: int) -> list[datetime]:
    """Return when the same weekday and hour began in the closed weeks before, the newest first.

    The running week of `day` is not closed: what it brings is judged, not usual.
    """
    begun = datetime.combine(day, time(hour), LOCAL_TIME)
    return [begun - timedelta(weeks=number) for number in range(1, WEEKS + 1)]


def usual_range(
    rows: Iterable[tuple[date, float]], holiday: Callable[[date], bool]
) -> Usual | None:
    """Return the range of values by day, None where too few weeks are known.

    Days on which `holiday` says that nobody works stand apart: they are not usual.
    """
    values = [value for day, value in rows if not holiday(day)]
    if len(values) < LEAST_WEEKS:
        return None
    return Usual(low=min(values), high=max(values), weeks=len(values))
