"""Reads the hours of a unit's week from hourly totals, rosters and its calendar."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from runtime.sql import statements
from server.calendars.store import Calendars, read_calendars
from server.errors import NotFound, PeriodInvalid
from server.facts.histograms import EMPTY, Histogram
from server.facts.opening import opening_of
from server.periods import Period
from server.planning.counters import HourTotals
from server.units.units import UnitTree

_SQL = statements("server.planning", "planning.sql")


async def read_week(
    connection: AsyncConnection, unit: str, tree: UnitTree, period: Period
) -> list[HourTotals]:
    """Return what is known of each hour of the week of `unit` in the period, until now.

    What merged into it counts for it. Raises NotFound for a unit outside the tree and PeriodInvalid
    for now.
    """
    if unit not in tree.units:
        raise NotFound(f"unit {unit!r} is not known; GET /api/v1/units lists them")
    if period.is_now:
        raise PeriodInvalid("counters are planned from a span of days, not from now")
    calendars = await read_calendars(connection)
    start, end = period.bounds
    asked: dict[str, object] = {"units": list(tree.counted(unit)), "start": start, "end": end}
    bins = await (await connection.execute(_SQL["services"], asked)).fetchall()
    services = {(day, hour): Histogram.of(index, counts) for day, hour, index, counts in bins}
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_SQL["hours"], asked | opening_of(_only(calendars, unit), period))
    return [
        HourTotals(**row, services=services.get((row["weekday"], row["hour"]), EMPTY))
        for row in await cursor.fetchall()
    ]


def _only(calendars: Calendars, unit: str) -> Calendars:
    """Return the calendar of the unit alone: the statement needs no other's hours."""
    return Calendars(by_id={unit: calendars.of(unit)}, by_unit={})
