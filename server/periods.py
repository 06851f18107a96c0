"""Periods as values: this moment, or a span of local days."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

from contract.local_time import LOCAL_TIME
from server.errors import PeriodInvalid

FIRST_YEAR, LAST_YEAR = 2000, 2199


class Step(StrEnum):
    """A calendar unit of time: what periods are named after and what they are broken down by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The local days from `first` until the day before `end`; both are None for "now".

    `step` names a calendar period; None is a range of days. Its bounds as instants are half-open.
    """

    step: Step | None = None
    first: date | None = None
    end: date | None = None

    @classmethod
    def of(cls, step: Step, day: date) -> Self:
        """Return the calendar period of `step` that holds `day`."""
        first = _FIRST_DAY[step](day)
        return cls(step=step, first=first, end=_NEXT[step](first))

    @classmethod
    def range(cls, first: date, last: date) -> Self:
        """Return the days from `first` to `last`, both included; PeriodInvalid when reversed."""
        if last < first:
            raise PeriodInvalid(f"period {first}..{last} ends before it begins")
        return cls(first=first, end=last + timedelta(days=1))

    @classmethod
    def parse(cls, text: str, now: datetime) -> Self:
        """Return the period that `text` names.

        `now`; an ISO 8601 day, week, month, quarter or year (`2026-10-31`, `2026-W44`, `2026-10`,
        `2026-Q4`, `2026`); a range `2026-10-01..2026-10-15`, both days included; or the running
        `day`, `week`, `month`, `quarter` or `year`. Raises PeriodInvalid.
        """
        if text == "now":
            return cls()
        if text in set(Step):
            return cls.of(Step(text), today(now))
        try:
            return cls._parse_named(text)
        except ValueError as error:
            raise PeriodInvalid(
                f"period {text!r} is none of now, day, week, month, quarter, year, 2026-10-31, "
                "2026-W44, 2026-10, 2026-Q4, 2026, 2026-10-01..2026-10-15"
            ) from error

    @classmethod
    def _parse_named(cls, text: str) -> Self:
        if ".." in text:
            first, last = text.split("..")
            return cls.range(_day(first), _day(last))
        for step, pattern in _PATTERNS.items():
            if found := pattern.fullmatch(text):
                return cls.of(step, _FROM_PARTS[step](*map(int, found.groups())))
        raise ValueError(text)

    @property
    def is_now(self) -> bool:
        """Whether it is this moment rather than a span of days."""
        return self.first is None

    @property
    def is_whole_months(self) -> bool:
        """Whether it begins and ends with a calendar month; now does not."""
        return (
            self.first is not None and self.end is not None and self.first.day == self.end.day == 1
        )

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The half-open interval of instants; ValueError for "now"."""
        if self.first is None or self.end is None:
            raise ValueError("now has no bounds")
        return _midnight(self.first), _midnight(self.end)

    def __str__(self) -> str:
        """The text from which `parse` gives this period again."""
        return _written(self)

    def holds(self, day: date) -> bool:
        """Return whether `day` lies within it; now holds none."""
        return self.first is not None and self.end is not None and self.first <= day < self.end

    def previous(self) -> Self:
        """Return the period of the same kind just before; a range of as many days. Now stays."""
        if self.first is None or self.end is None:
            return self
        before = self.first - timedelta(days=1)
        if self.step is not None:
            return type(self).of(self.step, before)
        return type(self).range(self.first - (self.end - self.first), before)

    def a_year_earlier(self) -> Self:
        """Return the same period one year earlier; weeks by their number. Now stays.

        29 February becomes 28 February, week 53 the last week of the year before.
        """
        if self.first is None or self.end is None:
            return self
        match self.step:
            case None:
                last = self.end - timedelta(days=1)
                return type(self).range(_year_before(self.first), _year_before(last))
            case Step.WEEK:
                year, week, _ = self.first.isocalendar()
                last_week = date(year - 1, 12, 28).isocalendar().week
                day = date.fromisocalendar(year - 1, min(week, last_week), 1)
                return type(self).of(Step.WEEK, day)
            case _:
                return type(self).of(self.step, _year_before(self.first))

    def is_over(self, now: datetime) -> bool:
        """Return whether its last day has ended at `now`; now is never over."""
        return self.end is not None and self.end <= today(now)

    def lies_within(self, other: Self) -> bool:
        """Return whether all its days are days of the other; now lies within now alone."""
        if self.first is None or self.end is None or other.first is None or other.end is None:
            return self.first is None and other.first is None
        return other.first <= self.first and self.end <= other.end

    def is_running(self, now: datetime) -> bool:
        """Return whether `now` lies within it; now always runs."""
        return self.first is None or (self.first <= today(now) and not self.is_over(now))

    def split(self, step: Step) -> tuple[Self, ...]:
        """Return the calendar periods of `step` that it touches, in order; ValueError for now.

        The first and last may begin before and end after it: they keep their names, and whoever
        reads totals for them stays within the bounds of the whole.
        """
        if self.first is None or self.end is None:
            raise ValueError("now has no parts")
        parts = [type(self).of(step, self.first)]
        while (end := parts[-1].end) is not None and end < self.end:
            parts.append(type(self).of(step, end))
        return tuple(parts)


NOW = Period()
"""This moment."""


# An answer writes each of its periods once a reading.
@lru_cache(maxsize=1024)
def _written(period: Period) -> str:
    if period.first is None or period.end is None:
        return "now"
    if period.step is None:
        return f"{period.first}..{period.end - timedelta(days=1)}"
    return _TEXT[period.step](period.first)


def today(now: datetime) -> date:
    """Return the local day that holds the instant `now`."""
    return now.astimezone(LOCAL_TIME).date()


def month_from(day: date) -> date:
    """Return the first of a month on or after `day`."""
    return day if day.day == 1 else _add_months(day, 1)


def day_of(now: datetime) -> Period:
    """Return the local day that holds the instant `now`, as a period."""
    return Period.of(Step.DAY, today(now))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME)


def _day(text: str) -> date:
    if (found := _DAY.fullmatch(text)) is None:
        raise ValueError(text)
    return _FROM_PARTS[Step.DAY](*map(int, found.groups()))


def _checked(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day


def _quarter_month(month: int) -> int:
    return month - (month - 1) % 3


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PATTERNS = {
    Step.DAY: _DAY,
    Step.WEEK: re.compile(r"(\d{4})-W(\d\d)"),
    Step.MONTH: re.compile(r"(\d{4})-(\d\d)"),
    Step.QUARTER: re.compile(r"(\d{4})-Q([1-4])"),
    Step.YEAR: re.compile(r"(\d{4})"),
}
_FROM_PARTS: dict[Step, Callable[..., date]] = {
    Step.DAY: lambda year, month, day: _checked(date(year, month, day)),
    Step.WEEK: lambda year, week: _checked(date.fromisocalendar(year, week, 1)),
    Step.MONTH: lambda year, month: _checked(date(year, month, 1)),
    Step.QUARTER: lambda year, quarter: _checked(date(year, 3 * quarter - 2, 1)),
    Step.YEAR: lambda year: _checked(date(year, 1, 1)),
}
_FIRST_DAY: dict[Step, Callable[[date], date]] = {
    Step.DAY: lambda day: day,
    Step.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Step.MONTH: lambda day: day.replace(day=1),
    Step.QUARTER: lambda day: date(day.year, _quarter_month(day.month), 1),
    Step.YEAR: lambda day: date(day.year, 1, 1),
}
_NEXT: dict[Step, Callable[[date], date]] = {
    Step.DAY: lambda first: first + timedelta(days=1),
    Step.WEEK: lambda first: first + timedelta(days=7),
    Step.MONTH: lambda first: _add_months(first, 1),
    Step.QUARTER: lambda first: _add_months(first, 3),
    Step.YEAR: lambda first: _add_months(first, 12),
}
_TEXT: dict[Step, Callable[[date], str]] = {
    Step.DAY: lambda first: first.isoformat(),
    Step.WEEK: lambda first: "{:04}-W{:02}".format(*first.isocalendar()[:2]),
    Step.MONTH: lambda first: f"{first:%Y-%m}",
    Step.QUARTER: lambda first: f"{first.year:04}-Q{(first.month + 2) // 3}",
    Step.YEAR: lambda first: f"{first.year:04}",
}
