"""Reads cells: months that are kept, and whatever else counted at once; keeps months for later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg import AsyncConnection

from runtime.sql import statements
from server.errors import FiguresMissing
from server.periods import Period, Step
from server.rankings.counted import Counted, KeptMonth, pack
from server.rankings.measures import Ranked

_CELLS = statements("server.rankings", "cells.sql")
_KEPT = statements("server.rankings", "kept.sql")

_UNITS_AT_ONCE = 10
"""Kept in one transaction: writers wait for some tenths of a second, at night."""

_MOST_COUNTED = 150
"""Units' months that are counted while somebody waits: more take longer than the API waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cells: of a source, told apart by what is ranked, on the days from `first` to `end`."""

    source: str
    by: Ranked
    first: date
    end: date


async def read_counted(
    connection: AsyncConnection,
    wanted: Wanted,
    units: Sequence[str] | None = None,
    *,
    patient: bool = True,
) -> Counted:
    """Return the cells of the days from `first` until `end`: what is kept, and the rest counted.

    Of `units` alone where they are given. Without patience raises FiguresMissing where too much is
    not kept yet.
    """
    counted = Counted()
    waiting: defaultdict[tuple[date, date], list[str]] = defaultdict(list)
    spans = {span.first: span for span in _months(wanted)}
    if wanted.first.day > 1:
        # The rest of a month has no totals of its own to say where anything happened.
        rest = spans.pop(wanted.first)
        waiting[rest.first, rest.end] = []
    if spans:
        for unit, since, end in await _read_kept(connection, counted, wanted, spans, units):
            waiting[since, end].append(unit)
    if not patient:
        _require_little(waiting)
    for (first, end), some in waiting.items():
        part = replace(wanted, first=first, end=end)
        counted.add_rows(await _rows(connection, part, some or units))
    return counted


async def _read_kept(
    connection: AsyncConnection,
    counted: Counted,
    wanted: Wanted,
    spans: Mapping[date, Wanted],
    units: Sequence[str] | None,
) -> list[tuple[str, date, date]]:
    """Add what is kept of some months' days; return the units of which the rest is to be counted.

    With each the days from which on and until which it is. A month kept beyond the last day is of
    no use. `spans` are by the first of their month.
    """
    asked = {
        "source": wanted.source,
        "by": wanted.by,
        "first_day": min(spans),
        "end_day": wanted.end,
    }
    statement = _KEPT["read_of_officers" if wanted.by is Ranked.OFFICER else "read"]
    cursor = connection.cursor(binary=True)
    await cursor.execute(statement, asked)
    known: dict[tuple[str, date], date] = {}
    months = []
    for unit, month, until, members, families, channels, cells in await cursor.fetchall():
        if until <= spans[month].end and (units is None or unit in units):
            known[unit, month] = until
            months.append(
                KeptMonth(
                    unit=unit, members=members, families=families, channels=channels, cells=cells
                )
            )
    counted.add_kept(months)
    await cursor.execute(_KEPT["happened"], asked)
    happened: list[tuple[str, date]] = await cursor.fetchall()
    waiting = []
    for unit, month in happened:
        since = known.get((unit, month), month)
        if since < spans[month].end and (units is None or unit in units):
            waiting.append((unit, since, spans[month].end))
    return waiting


def _require_little(waiting: dict[tuple[date, date], list[str]]) -> None:
    months = sum(len(units) for (first, end), units in waiting.items() if (end - first).days > 7)
    if months > _MOST_COUNTED:
        raise FiguresMissing(
            f"the worker has still to count {months} months of units for this ranking; try again "
            "in a few minutes"
        )


def _months(wanted: Wanted) -> Iterator[Wanted]:
    """Yield the parts of each calendar month."""
    for month in Period(first=wanted.first, end=wanted.end).split(Step.MONTH):
        assert month.first is not None
        assert month.end is not None
        yield replace(wanted, first=max(month.first, wanted.first), end=min(month.end, wanted.end))


async def _rows(
    connection: AsyncConnection, wanted: Wanted, units: Sequence[str] | None
) -> list[tuple[Any, ...]]:
    cursor = connection.cursor(binary=True)
    asked = {
        "by": wanted.by,
        "first_day": wanted.first,
        "end_day": wanted.end,
        "units": None if units is None else list(units),
    }
    await cursor.execute(_CELLS[wanted.source], asked)
    return await cursor.fetchall()


async def keep_months(connection: AsyncConnection, wanted: Wanted) -> int:
    """Keep what is missing of the days from `first` until `end`; return how many units' months.

    A transaction for some units at a time: stopped in between, what is done is kept.
    """
    kept = 0
    for span in _months(wanted):
        spans = {span.first: span}
        missing = [unit for unit, *_ in await _read_kept(connection, Counted(), span, spans, None)]
        for at in range(0, len(missing), _UNITS_AT_ONCE):
            await _keep(connection, span, missing[at : at + _UNITS_AT_ONCE])
        kept += len(missing)
    return kept


async def _keep(connection: AsyncConnection, span: Wanted, units: Sequence[str]) -> None:
    dossiers, officers = span.source == "dossiers", span.by is Ranked.OFFICER
    async with connection.transaction():
        await connection.execute(_KEPT["lock_dossiers" if dossiers else "lock"])
        rows = await _rows(connection, span, units)
        for unit in units:
            members, families, channels, cells = pack([row for row in rows if row[0] == unit])
            await connection.execute(
                _KEPT["keep_of_officers" if officers else "keep"],
                {
                    "source": span.source,
                    "by": span.by,
                    "unit": unit,
                    "month": span.first,
                    "until": span.end,
                    "members": members,
                    "families": families,
                    "channels": channels,
                    "cells": cells,
                },
            )
