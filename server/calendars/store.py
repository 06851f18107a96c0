"""Reads the working calendars of the units, and stores their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from psycopg import AsyncConnection, Connection

from runtime.sql import statements
from server.calendars.calendars import MONDAY_TO_FRIDAY, Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.calendars.hours import parse_hours
from server.tabular.records import Entry
from server.tabular.refusals import Rejection

DEFAULT = "default"
"""The calendar of units for which nothing else is said."""

_SQL = statements("server.calendars", "calendars.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """The hours of a weekday (0 is Monday) or of one day in one calendar; exactly one is given."""

    calendar: str
    weekday: int | None
    day: date | None
    hours: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """Every calendar, and whose it is."""

    by_id: Mapping[str, Calendar]
    by_unit: Mapping[str, str]

    def of(self, unit: str) -> Calendar:
        """Return the calendar of `unit`; the default one for a unit that is not known."""
        return self.by_id[self.by_unit.get(unit, DEFAULT)]


async def read_calendars(connection: AsyncConnection) -> Calendars:
    """Return the calendars with the units that keep them."""
    rows = await (await connection.execute(_SQL["calendar_rules"])).fetchall()
    units = await (await connection.execute(_SQL["calendars_of_units"])).fetchall()
    return _calendars(rows, units)


def read_calendars_blocking(connection: Connection) -> Calendars:
    """Return the same, for ingest's own connection."""
    rows = connection.execute(_SQL["calendar_rules"]).fetchall()
    return _calendars(rows, connection.execute(_SQL["calendars_of_units"]).fetchall())


def _calendars(rows: Sequence[tuple[Any, ...]], units: Sequence[tuple[Any, ...]]) -> Calendars:
    holidays = VietnameseHolidays()
    return Calendars(
        by_id=MappingProxyType(
            {
                name: Calendar(_rules(list(rules)), holidays)
                for name, rules in groupby(rows, itemgetter(0))
            }
        ),
        by_unit=MappingProxyType(dict(units)),
    )


async def store_rules(
    connection: AsyncConnection, entries: Sequence[Entry[RuleRecord]]
) -> list[Rejection]:
    """Store rules of calendars; a rule of the same calendar and day is replaced."""
    calendars = [entry.record.calendar for entry in entries]
    await connection.execute(_SQL["keep_calendars"], {"calendars": calendars})
    cursor = connection.cursor()
    await cursor.executemany(_SQL["import_rule"], [asdict(entry.record) for entry in entries])
    return []


def _rules(rows: Sequence[tuple[Any, ...]]) -> Rules:
    """Return the rules in rows of id, public_holidays, weekday, day, hours."""
    weekly = {row[2]: parse_hours(row[4]) for row in rows if row[2] is not None}
    return Rules(
        # Who names some weekdays names them all: the others are days of rest.
        weekly=tuple(weekly.get(number, ()) for number in range(7)) if weekly else MONDAY_TO_FRIDAY,
        days=MappingProxyType(
            {day: parse_hours(hours) for _, _, _, day, hours in rows if day is not None}
        ),
        public_holidays=rows[0][1],
    )
