"""Keeps files for analysts: what was asked for, their parts, and their end."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from runtime.sql import statements
from server.errors import Conflict, NotFound
from server.exports.exports import MOST_UNFINISHED, Dataset, Export, FileFormat

PART_BYTES = 1_000_000

LONGEST_S = 180.0
"""Whoever has not written a file in so long is not there any more."""

_SQL = statements("server.exports", "exports.sql")


async def add_export(connection: AsyncConnection, asked: Export) -> Export:
    """Have a file written; raise Conflict while too many wait."""
    row = await (await connection.execute(_SQL["unfinished"])).fetchone()
    if row is not None and row[0] >= MOST_UNFINISHED:
        raise Conflict(f"{MOST_UNFINISHED} files are being written; try again when some are there")
    cursor = connection.cursor(row_factory=kwargs_row(_export))
    found = await (await cursor.execute(_SQL["add"], _row(asked))).fetchone()
    assert found is not None
    return found


async def list_exports(connection: AsyncConnection) -> list[Export]:
    """Return every file, the newest first."""
    cursor = connection.cursor(row_factory=kwargs_row(_export))
    return await (await cursor.execute(_SQL["exports"], {"id": None})).fetchall()


async def read_export(connection: AsyncConnection, id_: uuid.UUID) -> Export:
    """Return one file; raise NotFound."""
    cursor = connection.cursor(row_factory=kwargs_row(_export))
    found = await (await cursor.execute(_SQL["exports"], {"id": id_})).fetchone()
    if found is None:
        raise NotFound(f"export {id_} is not known, or was purged; ask for it again")
    return found


async def read_part(connection: AsyncConnection, id_: uuid.UUID, number: int) -> bytes | None:
    """Return a part of a file, None after the last."""
    row = await (await connection.execute(_SQL["part"], {"id": id_, "number": number})).fetchone()
    return None if row is None else bytes(row[0])


async def remove_export(connection: AsyncConnection, id_: uuid.UUID) -> None:
    """Remove a file; raise NotFound."""
    if await (await connection.execute(_SQL["remove"], {"id": id_})).fetchone() is None:
        raise NotFound(f"export {id_} is not known, or was purged")


async def waiting(connection: AsyncConnection) -> list[uuid.UUID]:
    """Return the files that nobody writes, the oldest first."""
    rows = await (await connection.execute(_SQL["waiting"], {"longest_s": LONGEST_S})).fetchall()
    return [row[0] for row in rows]


async def begin(connection: AsyncConnection, id_: uuid.UUID) -> Export | None:
    """Take a file to write it; None where another has it, or it is written or removed."""
    cursor = connection.cursor(row_factory=kwargs_row(_export))
    of = {"id": id_, "longest_s": LONGEST_S}
    return await (await cursor.execute(_SQL["begin"], of)).fetchone()


async def fail(connection: AsyncConnection, id_: uuid.UUID, problem: str) -> None:
    """Note why there is no file."""
    of = {"entries": None, "bytes": None, "digest": None, "problem": problem[:300]}
    await connection.execute(_SQL["finish"], of | {"id": id_})


async def purge_exports(connection: AsyncConnection, before: datetime) -> int:
    """Remove what was asked for before `before` and return how many files that was."""
    return (await connection.execute(_SQL["purge"], {"before": before})).rowcount


def keep_file(connection: psycopg.Connection, id_: uuid.UUID, path: Path, entries: int) -> None:
    """Store a file that is written, in one transaction."""
    digest, size = hashlib.sha256(), 0
    with connection.transaction():
        connection.execute(_SQL["clear"], {"id": id_})
        if path.exists():
            with path.open("rb") as file:
                number = 0
                while content := file.read(PART_BYTES):
                    part = {"id": id_, "number": number, "content": content}
                    connection.execute(_SQL["add_part"], part)
                    digest.update(content)
                    size, number = size + len(content), number + 1
        of = {"id": id_, "entries": entries, "bytes": size, "digest": digest.hexdigest()}
        connection.execute(_SQL["finish"], of | {"problem": None})


def _row(export: Export) -> dict[str, Any]:
    return {name: str(value) for name, value in asdict(export).items() if value is not None}


def _export(**row: Any) -> Export:  # noqa: ANN401 - a row of the database
    kinds = {"dataset": Dataset(row["dataset"]), "format": FileFormat(row["format"])}
    return Export(**(row | kinds))
