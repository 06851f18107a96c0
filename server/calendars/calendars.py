"""Working time as a value: which hours of which days are worked, and counting by them.

Time is counted in working days: a day that is worked counts one, whatever its hours, and a part of
its hours the same part of one. So "one working day = 8 hours" holds for every calendar.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from math import floor
from types import MappingProxyType

from contract.local_time import LOCAL_TIME

HOURS_A_DAY = 8
"""A limit in hours is a limit in days of this many hours."""

Spans = tuple[tuple[time, time], ...]
"""The hours of one day that are worked, each from until, in order; none on a day off."""

OFFICE_HOURS: Spans = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
"""What offices keep where nothing else is said."""

MONDAY_TO_FRIDAY: tuple[Spans, ...] = (*(OFFICE_HOURS,) * 5, (), ())

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """A year's public holidays, and the days of rest that are worked instead of others."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a calendar is made of: hours by weekday from Monday, and days that stand above all.

    `public_holidays` says whether the country's holidays and make-up days apply where no day of
    `days` speaks. A make-up day has the hours of a Monday.
    """

    weekly: tuple[Spans, ...] = MONDAY_TO_FRIDAY
    days: Mapping[date, Spans] = field(default_factory=lambda: MappingProxyType({}))
    public_holidays: bool = True


class Calendar:
    """Counts working time by `rules`; `holidays` gives the public holidays of a year."""

    def __init__(self, rules: Rules, holidays: Mapping[int, DaysOff]) -> None:
        self._rules = rules
        self._holidays = holidays
        self._years: dict[int, _Year] = {}
        self._shifted: dict[tuple[date, int], date] = {}

    def hours(self, day: date) -> Spans:
        """Return the hours of `day` that are worked."""
        if (own := self._rules.days.get(day)) is not None:
            return own
        if self._rules.public_holidays:
            holidays = self._holidays[day.year]
            if day in holidays.off:
                return ()
            if day in holidays.worked:
                return self._rules.weekly[0] or OFFICE_HOURS
        return self._rules.weekly[day.weekday()]

    def is_worked(self, day: date) -> bool:
        """Return whether anything of `day` is worked."""
        return bool(self.hours(day))

    def shift(self, day: date, days: int) -> date:
        """Return the working day that is `days` working days after `day`, or before it.

        `day` itself is not counted, nor need it be worked. Zero gives `day`.
        """
        found = self._shifted.get((day, days))
        if found is None:
            found = self._shifted[day, days] = self._walk(day, days)
        return found

    def working_days(self, first: date, last: date) -> int:
        """Return how many days after `first` until `last`, both included, are worked."""
        if last <= first:
            return 0
        between = sum(self._year(year).total for year in range(first.year, last.year))
        return between + self._year(last.year).worked(last) - self._year(first.year).worked(first)

    def closing(self, day: date) -> datetime:
        """Return the last worked moment of `day`; of a day off, its end."""
        hours = self.hours(day)
        last = hours[-1][1] if hours else time.max.replace(microsecond=0)
        return datetime.combine(day, last, LOCAL_TIME)

    def due(self, received_at: datetime, days: float, late_after: time | None = None) -> datetime:
        """Return until when a limit of `days` working days is kept.

        The day of receipt is not counted (Civil Code, article 147); what is received later than
        `late_after` counts as received on the next working day. Whole days end with that day's
        hours; a limit with a part of a day runs from the moment of receipt.
        """
        local = received_at.astimezone(LOCAL_TIME)
        if late_after is not None and local.time() > late_after:
            opening = self.shift(local.date(), 1)
            local = datetime.combine(opening, self.hours(opening)[0][0], LOCAL_TIME)
        if days == floor(days) and days >= 1:
            return self.closing(self.shift(local.date(), floor(days)))
        return self.advance(local, days)

    def days_between(self, start: datetime, end: datetime) -> float:
        """Return how many working days lie between; 0 where `end` is not after `start`."""
        if end <= start:
            return 0.0
        first, last = start.astimezone(LOCAL_TIME), end.astimezone(LOCAL_TIME)
        between = sum(self._year(year).total for year in range(first.year, last.year))
        return between + self._elapsed(last) - self._elapsed(first)

    def advance(self, at: datetime, days: float) -> datetime:
        """Return the moment that is `days` working days after `at`, at closing where it may be."""
        local = at.astimezone(LOCAL_TIME)
        wanted = self._elapsed(local) + days
        year = local.year
        while wanted > self._year(year).total + _EPSILON:
            wanted -= self._year(year).total
            year += 1
        return self._year(year).moment(max(wanted, 0.0))

    def _elapsed(self, local: datetime) -> float:
        """Return the working days of its year before the moment."""
        return self._year(local.year).elapsed(local)

    def _walk(self, day: date, days: int) -> date:
        step = _DAY if days > 0 else -_DAY
        for _ in range(abs(days)):
            day += step
            while not self.is_worked(day):
                day += step
        return day

    def _year(self, year: int) -> _Year:
        if (known := self._years.get(year)) is None:
            known = self._years[year] = _Year(year, tuple(map(self.hours, _days_of(year))))
        return known


_EPSILON = 1e-9
"""Parts of days are added as floats: less than a tenth of a millisecond of a working day."""


class _Year:
    """One year of a calendar: the working days before each of its days."""

    def __init__(self, year: int, hours: tuple[Spans, ...]) -> None:
        self._first = date(year, 1, 1)
        self._hours = tuple(map(_in_seconds, hours))
        self._worked = tuple(accumulate(map(bool, hours), initial=0))
        self.total = self._worked[-1]

    def worked(self, day: date) -> int:
        """Return how many days of the year until `day`, itself included, are worked."""
        return self._worked[day.toordinal() - self._first.toordinal() + 1]

    def elapsed(self, local: datetime) -> float:
        """Return the working days from the year's beginning until the moment."""
        index = local.toordinal() - self._first.toordinal()
        passed_s = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        return self._worked[index] + _part(self._hours[index], passed_s)

    def moment(self, elapsed: float) -> datetime:
        """Return the first moment before which `elapsed` working days of the year lie."""
        whole = floor(elapsed + _EPSILON)
        part = elapsed - whole
        ends_with_a_day = part <= _EPSILON and whole > 0
        index = bisect_left(self._worked, whole if ends_with_a_day else whole + 1) - 1
        day = self._first + timedelta(days=index)
        second = _second_at(self._hours[index], 1.0 if ends_with_a_day else max(part, 0.0))
        return datetime.combine(day, time(), LOCAL_TIME) + timedelta(seconds=second)


_Seconds = tuple[tuple[int, int], ...]


def _days_of(year: int) -> Iterator[date]:
    first, end = date(year, 1, 1), date(year + 1, 1, 1)
    return (first + timedelta(days=number) for number in range((end - first).days))


def _in_seconds(hours: Spans) -> _Seconds:
    return tuple((_seconds(start), _seconds(end)) for start, end in hours)


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _part(hours: _Seconds, passed_s: float) -> float:
    """Return the part of the day's hours that has passed, 0..1; 0 on a day off."""
    worked, whole = 0.0, 0
    for start, end in hours:
        whole += end - start
        if passed_s > start:
            worked += min(passed_s, end) - start
    return worked / whole if whole else 0.0


def _second_at(hours: _Seconds, part: float) -> float:
    """Return the second of the day at which `part` of its hours has passed."""
    left = part * sum(end - start for start, end in hours)
    for start, end in hours:
        if left <= end - start + _EPSILON:
            return start + left
        left -= end - start
    return hours[-1][1]
