"""Reads the totals of a source."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import psycopg
from psycopg import AsyncConnection

from runtime.sql import statements
from server.calendars.store import read_calendars
from server.facts.opening import opening_of
from server.facts.sources import (
    Dimension,
    Dirty,
    Fact,
    Mark,
    Selection,
    Source,
    T,
    by_months,
)
from server.periods import Step

_SQL = statements("server.facts", "store.sql")


async def read_facts(
    connection: AsyncConnection, source: Source[T], selection: Selection
) -> tuple[Fact[T], ...]:
    """Return the totals of `source` that `selection` names."""
    cursor = connection.cursor(binary=True)
    if selection.known_at is not None:
        await cursor.execute(_SQL["set_known_at"], {"known_at": selection.known_at.isoformat()})
    # What is stored at levels is additive; stocks are not, and are asked for in one piece.
    parts = by_months(selection) if source.has_levels else (selection,)
    calendars = await read_calendars(connection) if source.by_opening else None
    facts: list[Fact[T]] = []
    for part in parts:
        opening = {} if calendars is None else opening_of(calendars, part.period)
        await cursor.execute(source.statement, _parameters(part) | opening)
        facts += (
            Fact(unit=row[0], member=row[1], day=row[2], totals=source.totals.from_row(row[3:]))
            for row in await cursor.fetchall()
        )
    return tuple(facts)


async def read_dirty(connection: AsyncConnection) -> Dirty:
    """Return what is to be counted anew."""
    cursor = await connection.execute(_SQL["dirty"])
    marks: defaultdict[Mark, dict[str | None, frozenset[date] | None]] = defaultdict(dict)
    for mark, unit, days in await cursor.fetchall():
        marks[Mark(mark)][unit] = None if days is None else frozenset(days)
    return marks


def anything_stale(connection: psycopg.Connection) -> bool:
    """Return whether dossiers or complaints wait to be computed anew."""
    return connection.execute(_SQL["stale"]).fetchone() is not None


def _parameters(selection: Selection) -> dict[str, object]:
    period = selection.period
    start, end = (None, None) if period.is_now else period.bounds
    months_from, months_to = selection.months or (None, None)
    return {
        **{str(dimension): selection.where.get(dimension) for dimension in Dimension},
        "units": None if selection.units is None else list(selection.units),
        "start": start,
        "end": end,
        "first_day": period.first,
        "end_day": period.end,
        "months_from": months_from,
        "months_to": months_to,
        "level": str(selection.level),
        "by": None if selection.by is None else str(selection.by),
        "step": None if selection.step is None else str(selection.step),
        "whole_months": period.is_whole_months and selection.step not in (Step.DAY, Step.WEEK),
    }
