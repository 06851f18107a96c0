"""Reads procedures, registers those that records name first, and stores imported ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import time

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.procedures.procedures import Family, Procedure
from server.tabular.records import Entry
from server.tabular.refusals import Rejection

_SQL = statements("server.procedures", "procedures.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRecord:
    """A procedure as the administration gives it; None leaves what is stored as it is."""

    code: str
    name_vi: str
    name_en: str | None = None
    family: str | None = None
    family_name: str | None = None
    limit_days: float | None = None
    late_after: time | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A procedure as a dossier's record names it."""

    code: str
    name: str | None = None
    family: str | None = None
    family_name: str | None = None


async def read_procedures(connection: AsyncConnection) -> Mapping[str, Procedure]:
    """Return every procedure by its code."""
    rows = await (await connection.execute(_SQL["procedures"])).fetchall()
    return {
        row[0]: Procedure(
            code=row[0],
            family=row[1],
            name_vi=row[2],
            name_en=row[3],
            limit_days=row[4],
            late_after=row[5],
            source=row[6],
        )
        for row in rows
    }


async def read_families(connection: AsyncConnection) -> list[Family]:
    """Return every family by its id."""
    cursor = connection.cursor(row_factory=class_row(Family))
    return await (await cursor.execute(_SQL["families"])).fetchall()


async def register(connection: AsyncConnection, named: Iterable[Named]) -> None:
    """Add the procedures and families that are not there yet."""
    procedures = list(named)
    families = [each for each in procedures if each.family is not None]
    await connection.execute(
        _SQL["register_families"],
        {
            "id": [each.family for each in families],
            "name": [each.family_name or each.family for each in families],
        },
    )
    await connection.execute(
        _SQL["register_procedures"],
        {
            "code": [each.code for each in procedures],
            "family": [each.family for each in procedures],
            "name": [each.name or each.code for each in procedures],
        },
    )


async def store_procedures(
    connection: AsyncConnection, entries: Sequence[Entry[ProcedureRecord]]
) -> list[Rejection]:
    """Store procedures with their families; storing them again changes nothing."""
    records = [asdict(entry.record) for entry in entries]
    cursor = connection.cursor()
    named = [record for record in records if record["family"] is not None]
    await cursor.executemany(_SQL["import_family"], named)
    await cursor.executemany(_SQL["import_procedure"], records)
    return []
