"""Reads the tree of units, and stores imported ones in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from contract.readings import Unit
from runtime.sql import statements
from server.db.changes import notify_change, tell_change
from server.errors import NotFound
from server.units.imports import RejectedRow, Row, UnitRow, ordered
from server.units.units import UnitTree

_SQL = statements("server.units", "units.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many units are stored, and the rows that are not, by line."""

    stored: int
    rejected: tuple[RejectedRow, ...]


async def read_tree(connection: AsyncConnection, day: date) -> UnitTree:
    """Return the tree of the units that are valid on `day`."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SQL["units"], {"day": day})
    return UnitTree.of([_unit(row) for row in await cursor.fetchall()])


def store_units(connection: psycopg.Connection, rows: Sequence[Row]) -> ImportReport:
    """Store what can be stored and report the rest; importing a file again changes nothing."""
    rejected = [row for row in rows if isinstance(row, RejectedRow)]
    stored = 0
    with connection.transaction():
        parents: dict[str, str | None] = dict(connection.execute(_SQL["unit_parents"]).fetchall())
        for row in ordered((row for row in rows if isinstance(row, UnitRow)), parents):
            if isinstance(row, RejectedRow):
                rejected.append(row)
                continue
            try:
                with connection.transaction():
                    connection.execute(_SQL["import_unit"], asdict(row))
            except psycopg.IntegrityError:
                rejected.append(_rejected_days(row))
            else:
                stored += 1
        notify_change(connection, None)  # the tree has changed: every figure is read anew
    return ImportReport(
        stored=stored, rejected=tuple(sorted(rejected, key=lambda entry: entry.line))
    )


async def accept_unit(connection: AsyncConnection, unit: str) -> None:
    """Let a unit that only a message named stand among the others; raise NotFound."""
    cursor = await connection.execute(_SQL["accept_unit"], {"unit": unit})
    if cursor.rowcount == 0:
        raise NotFound(f"unit {unit!r} is not known; `motcua unit list` names them all")
    await tell_change(connection)


def _rejected_days(row: UnitRow) -> RejectedRow:
    reason = f"unit {row.id!r} would end before it begins: give both valid_from and valid_to"
    return RejectedRow(line=row.line, reason=reason)


def _unit(row: TupleRow) -> Unit:
    unit, parent, kind, name_vi, name_en, simulated, accepted = row
    return Unit(
        id=unit,
        parent=parent,
        kind=kind,
        name_vi=name_vi,
        name_en=name_en,
        simulated=simulated,
        accepted=accepted,
    )
