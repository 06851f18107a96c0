"""Viet Nam's public holidays with their make-up days, from the library `holidays`.

What a province decides otherwise stands above them, as days of its calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.calendars.calendars import DaysOff


class VietnameseHolidays(Mapping[int, DaysOff]):
    """The days off of each year, computed when they are first asked for."""

    def __init__(self) -> None:
        self._years: dict[int, DaysOff] = {}

    def __getitem__(self, year: int) -> DaysOff:
        if year not in self._years:
            self._years[year] = _days_off(year)
        return self._years[year]

    def __iter__(self) -> Iterator[int]:
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


def _days_off(year: int) -> DaysOff:
    import holidays  # takes a quarter of a second, and only who counts days needs it

    known: Any = holidays.country_holidays("VN", years=year)
    return DaysOff(
        off=frozenset(day for day in known if day.year == year),
        worked=frozenset(day for day in known.weekend_workdays if day.year == year),
    )
