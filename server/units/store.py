"""Reads the tree of units, and stores imported ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from itertools import pairwise

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.readings import Unit
from runtime.sql import statements
from server.db.changes import announce_change
from server.errors import NotFound
from server.periods import Period
from server.tabular.refusals import Rejection, refuse
from server.units.counters import CounterEntry
from server.units.records import ROOM, Known, UnitEntry, ordered
from server.units.units import UnitTree

_SQL = statements("server.units", "units.sql")


async def read_tree(connection: AsyncConnection, day: date) -> UnitTree:
    """Return the tree as it is valid on `day`: its units, where each stood, and what had merged."""
    cursor = connection.cursor(binary=True, row_factory=class_row(Unit))
    await cursor.execute(_SQL["units"], {"day": day})
    merged = await connection.execute(_SQL["successors"], {"day": day})
    return UnitTree.of(await cursor.fetchall(), dict(await merged.fetchall()))


async def read_history(
    connection: AsyncConnection, period: Period
) -> list[tuple[Period, UnitTree]]:
    """Return the spans of a period in which the tree stayed the same, each with its tree.

    ValueError for the period "now".
    """
    if period.first is None or period.end is None:
        raise ValueError("now has no history")
    bounds = {"first": period.first, "end": period.end}
    changes = await (await connection.execute(_SQL["days_of_change"], bounds)).fetchall()
    if not changes:
        return [(period, await read_tree(connection, period.first))]
    days = [period.first, *(day for (day,) in changes), period.end]
    return [
        (Period.range(first, end - timedelta(days=1)), await read_tree(connection, first))
        for first, end in pairwise(days)
    ]


async def store_units(connection: AsyncConnection, entries: Sequence[UnitEntry]) -> list[Rejection]:
    """Store what can be stored and return the rest; storing it again changes nothing."""
    rejections: list[Rejection] = []
    for entry in ordered(entries, await _known(connection)):
        match entry:
            case Rejection():
                rejections.append(entry)
            case _:
                rejections += await _store(connection, entry)
    await announce_change(connection, None)  # the tree has changed: every figure is read anew
    return rejections


async def store_counters(
    connection: AsyncConnection, entries: Sequence[CounterEntry]
) -> list[Rejection]:
    """Store what can be stored and return the rest; storing it again changes nothing."""
    rejections = []
    for entry in entries:
        try:
            async with connection.transaction():
                await connection.execute(_SQL["import_counter"], asdict(entry.record))
        except psycopg.errors.ForeignKeyViolation:
            refusal = refuse("unknown_unit", room=ROOM, column="unit")
            rejections.append(entry.reject(refusal, entry.record.unit))
        except psycopg.errors.CheckViolation:
            refusal = refuse("ends_before_stored", room=ROOM, column="valid_to")
            rejections.append(entry.reject(refusal, entry.record.valid_to or ""))
    return rejections


async def _store(connection: AsyncConnection, entry: UnitEntry) -> list[Rejection]:
    unit = asdict(entry.record)
    try:
        async with connection.transaction():
            if entry.record.parent_since is not None:
                await connection.execute(_SQL["keep_former_parent"], unit)
            await connection.execute(_SQL["import_unit"], unit)
    except psycopg.errors.ForeignKeyViolation as error:
        column = "successor" if "successor" in (error.diag.constraint_name or "") else "parent"
        refusal = refuse(f"unknown_{column}", room=ROOM, column=column)
        return [entry.reject(refusal, unit[column])]
    except psycopg.errors.CheckViolation as error:
        endless = error.diag.constraint_name == "unit_successor_end"
        code = "successor_without_end" if endless else "ends_before_stored"
        return [entry.reject(refuse(code, room=ROOM, column="valid_to"), unit["valid_to"] or "")]
    return []


async def _known(connection: AsyncConnection) -> Known:
    rows = await (await connection.execute(_SQL["known_units"])).fetchall()
    return Known(
        parents={unit: parent for unit, parent, _ in rows},
        successors={unit: successor for unit, _, successor in rows},
    )


async def accept_unit(connection: AsyncConnection, unit: str) -> None:
    """Let a unit that only a message named stand among the others; raise NotFound."""
    cursor = await connection.execute(_SQL["accept_unit"], {"unit": unit})
    if cursor.rowcount == 0:
        raise NotFound(f"unit {unit!r} is not known; `motcua unit list` names them all")
    await announce_change(connection, None)
