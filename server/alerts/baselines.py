"""What is usual for a unit at a weekday and hour, from its own closed weeks. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 8
"""Closed weeks of a baseline: enough for a mean, few enough to follow change."""

SHRINK = 100.0
"""Cases of the unit's own mean that a moment's mean is mixed with: it has few of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Cases of one moment of the week in the baseline's weeks: `total` of a value over n cases."""

    n: float = 0.0
    total: float = 0.0

    @property
    def mean(self) -> float | None:
        """The mean, None without cases."""
        return self.total / self.n if self.n else None


def closed_weeks(day: date, weeks: int = WEEKS) -> tuple[date, date]:
    """Return the first day of the baseline's weeks and the day after their last.

    The running week of `day` is not closed: what it brings is judged, not usual.
    """
    end = day - timedelta(days=day.weekday())
    return end - timedelta(weeks=weeks), end


def by_moment(
    rows: Iterable[tuple[date, Hashable, float, float]],
    day: date,
    holiday: Callable[[date], bool],
    weeks: int = WEEKS,
) -> Mapping[tuple[int, Hashable], Cell]:
    """Return the cells by weekday (0 is Monday) and hour, from rows of day, hour, n and total.

    Days on which `holiday` says that nobody works stand apart: they are not usual.
    """
    first, end = closed_weeks(day, weeks)
    sums: defaultdict[tuple[int, Hashable], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for on, hour, n, total in rows:
        if first <= on < end and not holiday(on):
            cell = sums[on.weekday(), hour]
            cell[0] += n
            cell[1] += total
    return {key: Cell(n=n, total=total) for key, (n, total) in sums.items()}


def expected(cells: Mapping[tuple[int, Hashable], Cell], weekday: int, hour: Hashable) -> float:
    """Return the usual mean of a moment of the week, mixed with the unit's own mean.

    Raises ValueError where the baseline holds no case at all.
    """
    n = sum(cell.n for cell in cells.values())
    if n == 0:
        raise ValueError("a baseline without a case says nothing")
    overall = sum(cell.total for cell in cells.values()) / n
    cell = cells.get((weekday, hour), Cell())
    return (cell.total + SHRINK * overall) / (cell.n + SHRINK)
