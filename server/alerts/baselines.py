"""What is usual at a weekday and hour, from the closed weeks before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

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


def closed_weeks(day: date, weeks: int = WEEKS) -> tuple[date, date]:
    """Return the first day of the baseline's weeks and the day after their last.

    The running week of `day` is not closed: what it brings is judged, not usual.
    """
    end = day - timedelta(days=day.weekday())
    return end - timedelta(weeks=weeks), end


def usual_range(
    rows: Iterable[tuple[date, int, float]],
    day: date,
    hour: int,
    holiday: Callable[[date], bool],
) -> Usual | None:
    """Return the range of the same weekday and hour, from rows of day, hour and value.

    Days on which `holiday` says that nobody works stand apart: they are not usual. None where too
    few weeks are known.
    """
    first, end = closed_weeks(day)
    values = [
        value
        for on, at, value in rows
        if first <= on < end and at == hour and on.weekday() == day.weekday() and not holiday(on)
    ]
    if len(values) < LEAST_WEEKS:
        return None
    return Usual(low=min(values), high=max(values), weeks=len(values))
