"""Hours of a week as one line of text: `mon-fri 07:30-11:30 13:30-17:00; sat 07:30-11:30`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from contract.local_time import LOCAL_TIME

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?(?P<spans>(?:\s+\S+)+)\Z")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """The opening hours of each day of the week, 0 being Monday; days without any are days off."""

    by_weekday: Mapping[int, tuple[tuple[time, time], ...]]

    def is_open(self, at: datetime, margin: timedelta) -> bool:
        """Return whether `at` lies between the day's first opening and last closing, or near."""
        local = at.astimezone(LOCAL_TIME)
        spans = self.by_weekday.get(local.weekday(), ())
        if not spans:
            return False
        opening = datetime.combine(local.date(), min(start for start, _ in spans), LOCAL_TIME)
        closing = datetime.combine(local.date(), max(end for _, end in spans), LOCAL_TIME)
        return opening - margin <= local <= closing + margin


def parse_weekly_hours(text: str) -> WeeklyHours:
    """Return the hours that `text` names; raise ValueError that says which part is wrong."""
    by_weekday: dict[int, tuple[tuple[time, time], ...]] = {}
    for part in filter(None, (part.strip().lower() for part in text.split(";"))):
        found = _PART.match(part)
        if found is None:
            raise ValueError(f"{part!r} is no day with hours, as in mon-fri 07:30-11:30")
        spans = tuple(_span(span) for span in found["spans"].split())
        for weekday in _weekdays(found["first"], found["last"] or found["first"]):
            by_weekday[weekday] = spans
    return WeeklyHours(by_weekday=by_weekday)


def _weekdays(first: str, last: str) -> Iterator[int]:
    for name in (first, last):
        if name not in _DAYS:
            raise ValueError(f"{name!r} is no day; write {', '.join(_DAYS)}")
    start, end = _DAYS.index(first), _DAYS.index(last)
    if end < start:
        raise ValueError(f"{first}-{last} runs backwards")
    yield from range(start, end + 1)


def _span(text: str) -> tuple[time, time]:
    found = _SPAN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no span of hours, as in 07:30-11:30")
    hours = [int(part) for part in found.groups()]
    start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    if start >= end:
        raise ValueError(f"{text!r} ends before it begins")
    return start, end
