"""Working calendars over REST: what they say of a year, and new rules for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection

from runtime.sql import statements
from server.access.batches import add_batches
from server.access.guard import allow
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.access.uploads import add_import
from server.calendars.calendars import DaysOff
from server.calendars.holidays import VietnameseHolidays
from server.calendars.imports import CALENDARS
from server.periods import today

_SQL = statements("server.calendars", "calendars.sql")

router = APIRouter(prefix="/api/v1", tags=["calendars"])

add_batches(
    router, "calendars", CALENDARS, right=Right.MANAGE_UNITS, told="Store rules of calendars"
)
add_import(
    router,
    "calendars",
    CALENDARS,
    right=Right.MANAGE_UNITS,
    told="Check or import a table of working hours and days off.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """What holds on one day, or on a weekday (0 is Monday); empty `hours` are a day off.

    `source` is `province` for a rule of the calendar and `country` for a public holiday or a day
    of rest that is worked instead of one.
    """

    calendar: str
    hours: str
    note: str
    source: str
    day: date | None = None
    weekday: int | None = None


@router.get(
    "/calendars", responses=UNAVAILABLE, dependencies=[Depends(allow(Right.READ_CATALOGUE))]
)
async def calendars(
    session: ReadSession,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="Else this year.")] = None,
) -> list[CalendarDay]:
    """The rules of every calendar: its weekdays, its own days of a year, and the country's."""
    asked = year or today(datetime.now(UTC)).year

    async def read(connection: AsyncConnection) -> list[tuple[str, bool, CalendarDay | None]]:
        rows = await (await connection.execute(_SQL["rules_of_year"], {"year": asked})).fetchall()
        return [(name, public, _rule(name, *rest)) for name, public, *rest in rows]

    found = await session.run(read)
    days = VietnameseHolidays()[asked]
    own = [rule for _, _, rule in found if rule is not None]
    named = {(rule.calendar, rule.day) for rule in own}
    keeping = dict.fromkeys(name for name, public, _ in found if public)
    country = [
        day
        for name in keeping
        for day in _country(name, days)
        if (name, day.day) not in named  # what the province decides stands above it
    ]
    return sorted(own + country, key=_order)


def _rule(
    calendar: str, weekday: int | None, day: date | None, hours: str | None, note: str | None
) -> CalendarDay | None:
    if hours is None:
        return None  # a calendar without any rule of its own
    return CalendarDay(
        calendar=calendar, weekday=weekday, day=day, hours=hours, note=note or "", source="province"
    )


def _country(calendar: str, days: DaysOff) -> list[CalendarDay]:
    return [
        CalendarDay(calendar=calendar, day=day, hours=hours, note="", source="country")
        for found, hours in ((days.off, ""), (days.worked, "worked"))
        for day in found
    ]


def _order(rule: CalendarDay) -> tuple[str, int, date]:
    weekday = 7 if rule.weekday is None else rule.weekday
    return rule.calendar, weekday, rule.day or date.min
