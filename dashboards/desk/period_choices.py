"""The periods that a page offers: this and recent days, weeks, months, quarters and years."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from contract.local_time import LOCAL_TIME
from dashboards.look.texts import Bilingual, say, tell

_MONTHS, _QUARTERS, _YEARS = 13, 5, 2
_JUDGED_WEEKS, _JUDGED_MONTHS = 26, 24

FINER = {"year": "month", "quarter": "week", "month": "day", "week": "day", "day": ""}
"""Into what each kind of period is broken down for a trend."""
_DAYS_BY_DAY, _DAYS_BY_WEEK = 62, 370
_WRITTEN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def period_choices(now: datetime) -> list[tuple[str, Bilingual]]:
    """Return the periods' texts as the API reads them, newest first within each kind."""
    day = now.astimezone(LOCAL_TIME).date()
    year, week, _ = day.isocalendar()
    chosen = [
        (day.isoformat(), say("period.today")),
        ((day - timedelta(days=1)).isoformat(), say("period.yesterday")),
        (f"{year:04}-W{week:02}", say("period.this_week")),
    ]
    chosen += [(f"{m:%Y-%m}", _month(m)) for m in _months_back(day, 1, _MONTHS)]
    quarters = _months_back(day.replace(month=day.month - (day.month - 1) % 3), 3, _QUARTERS)
    chosen += [(f"{q.year:04}-Q{(q.month + 2) // 3}", _quarter(q)) for q in quarters]
    years = range(day.year, day.year - _YEARS, -1)
    return chosen + [(str(year), say("period.year", year=year)) for year in years]


def this_month(now: datetime) -> str:
    """Return the month that holds `now`."""
    return f"{now.astimezone(LOCAL_TIME):%Y-%m}"


def last_month(now: datetime) -> str:
    """Return the month before the one that holds `now`."""
    first = now.astimezone(LOCAL_TIME).date().replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def named_period(period: str) -> str:
    """Return how people call a period that the API names: `2026-10` is "Tháng 10/2026"."""
    try:
        last = end_of(period) - timedelta(days=1)
        first = date.fromisoformat(period.partition("..")[0]) if ".." in period else last
    except ValueError:
        return period  # whatever an address asks for
    match kind_of(period):
        case "year":
            return tell("period.year", year=last.year)
        case "quarter":
            return _quarter(last).text
        case "month":
            return _month(last).text
        case "week":
            year, week, _ = last.isocalendar()
            return f"{tell('period.week', week=week)}/{year}"
        case _ if ".." in period:
            return f"{first:%d/%m/%Y}–{last:%d/%m/%Y}"
        case _:
            return f"{last:%d/%m/%Y}"


def lookback(period: str) -> tuple[str, str]:
    """Return the span over which a figure of `period` is judged, and its parts.

    26 whole weeks that end with the period's last, or 24 months for a year: as many as control
    limits need, however short the period is.
    """
    end = end_of(period)
    if kind_of(period) == "year":
        first = date(end.year - _JUDGED_MONTHS // 12, end.month, 1)
        return f"{first}..{end - timedelta(days=1)}", "month"
    last = end - timedelta(days=1)
    sunday = last + timedelta(days=6 - last.weekday())
    monday = sunday - timedelta(days=7 * _JUDGED_WEEKS - 1)
    return f"{monday}..{sunday}", "week"


def is_range(period: str) -> bool:
    """Return whether a text names a range of days rather than a period of the calendar."""
    return ".." in period


def read_day(written: str) -> date:
    """Return the day that a person has written as dd/mm/yyyy; ValueError for anything else."""
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise ValueError(written)
    day, month, year = map(int, found.groups())
    return date(year, month, day)


def days_of(period: str) -> tuple[str, str]:
    """Return the first and last day of a range as people write them; nothing for other periods."""
    try:
        first, last = map(date.fromisoformat, period.split(".."))
    except ValueError:
        return "", ""
    return f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}"


def period_of(first: date, last: date) -> str:
    """Return how the API names these days: a period of the calendar if they are one, else a range.

    Figures about people's opinions are told by periods of the calendar alone.
    """
    end = last + timedelta(days=1)
    year, week, _ = first.isocalendar()
    begins = {
        f"{first}": True,
        f"{year:04}-W{week:02}": first.weekday() == 0,
        f"{first:%Y-%m}": first.day == 1,
        f"{first.year:04}-Q{(first.month + 2) // 3}": first.day == 1 and first.month % 3 == 1,
        f"{first.year:04}": first.day == first.month == 1,
    }
    named = (name for name, fits in begins.items() if fits and end_of(name) == end)
    return next(named, f"{first}..{last}")


def finer(period: str) -> str:
    """Return into what a period is broken down for a trend, a range by how long it is."""
    if not is_range(period):
        return FINER[kind_of(period)]
    try:
        first, last = map(date.fromisoformat, period.split(".."))
    except ValueError:
        return ""
    days = (last - first).days + 1
    if days <= _DAYS_BY_DAY:
        return "day"
    return "week" if days <= _DAYS_BY_WEEK else "month"


def end_of(period: str) -> date:
    """Return the day after the last of a period that is named as the API names it."""
    head, _, tail = period.partition("-")
    year = int(head)
    match kind_of(period):
        case "year":
            return date(year + 1, 1, 1)
        case "quarter":
            return _months_back(date(year, 3 * int(tail[1:]), 1), -1, 2)[1]
        case "month":
            return _months_back(date(year, int(tail), 1), -1, 2)[1]
        case "week":
            return date.fromisocalendar(year, int(tail[1:]), 7) + timedelta(days=1)
        case _:
            return date.fromisoformat(period.rpartition("..")[2]) + timedelta(days=1)


def kind_of(period: str) -> str:
    """Return which kind of calendar period `period` names; `day` for whatever else it is."""
    if "Q" in period:
        return "quarter"
    if "W" in period:
        return "week"
    return {4: "year", 7: "month"}.get(len(period), "day")


def _months_back(day: date, step: int, count: int) -> list[date]:
    first = day.year * 12 + day.month - 1
    months = [first - step * index for index in range(count)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _month(day: date) -> Bilingual:
    return say("period.month", month=day.month, year=day.year)


def _quarter(day: date) -> Bilingual:
    return say("period.quarter", quarter=(day.month + 2) // 3, year=day.year)
