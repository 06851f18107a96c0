"""The hours that offices are open, as statements take them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from contract.local_time import LOCAL_TIME
from server.calendars.store import Calendars
from server.periods import Period

_HOUR = timedelta(hours=1)


def opening_of(calendars: Calendars, period: Period) -> dict[str, object]:
    """Return each open hour of each calendar in the period, and which unit keeps which calendar.

    `open_calendar`, `open_hour` and `open_s` are of one length: the calendar, the beginning of a
    clock hour, and how many of its seconds are open. `kept_by` and `kept` are units and calendars.
    Raises ValueError for now, which has no hours.
    """
    if period.first is None or period.end is None:
        raise ValueError("now has no opening hours")
    days = [period.first + timedelta(days=n) for n in range((period.end - period.first).days)]
    rows = [
        (name, hour, seconds)
        for name, calendar in calendars.by_id.items()
        for day in days
        for start, end in calendar.hours(day)
        for hour, seconds in _hours(
            datetime.combine(day, start, LOCAL_TIME), datetime.combine(day, end, LOCAL_TIME)
        )
    ]
    return {
        "open_calendar": [name for name, _, _ in rows],
        "open_hour": [hour for _, hour, _ in rows],
        "open_s": [seconds for _, _, seconds in rows],
        "kept_by": list(calendars.by_unit),
        "kept": list(calendars.by_unit.values()),
    }


def _hours(start: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """Return the clock hours that a span touches, each with the seconds of it that are open."""
    hour = datetime.combine(start.date(), time(start.hour), LOCAL_TIME)
    found = []
    while hour < end:
        seconds = (min(end, hour + _HOUR) - max(start, hour)).total_seconds()
        found.append((hour, int(seconds)))
        hour += _HOUR
    return found
