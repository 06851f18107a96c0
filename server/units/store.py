"""Reads the tree of units, and stores imported ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from contract.readings import Unit
from runtime.sql import statements
from server.db.changes import announce_change
from server.tabular.refusals import Rejection, refuse
from server.units.records import ROOM, Known, UnitEntry, ordered
from server.units.units import UnitTree

_SQL = statements("server.units", "units.sql")


async def read_tree(connection: AsyncConnection, day: date) -> UnitTree:
    """Return the tree as it is valid on `day`: its units, and where each stood then."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SQL["units"], {"day": day})
    return UnitTree.of([_unit(row) for row in await cursor.fetchall()])


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


def _unit(row: TupleRow) -> Unit:
    unit, parent, kind, name_vi, name_en, simulated = row
    return Unit(
        id=unit, parent=parent, kind=kind, name_vi=name_vi, name_en=name_en, simulated=simulated
    )
