"""Adds and reads audit entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from runtime.sql import statements
from server.audit.entries import Entry, StoredEntry

_SQL = statements("server.audit", "audit.sql")

_LONGEST = 300


async def record(connection: AsyncConnection, entry: Entry) -> None:
    """Add an entry, in the transaction of what it is about: both are committed, or neither."""
    texts = {name: _plain(text) for name, text in asdict(entry).items() if isinstance(text, str)}
    await connection.execute(_SQL["hold"])
    await connection.execute(
        _SQL["add_entry"],
        {"at": entry.at, "details": Jsonb(_details(entry.details)), **texts},
    )


async def read_entries(
    connection: AsyncConnection,
    *,
    before: int,
    limit: int,
    actor: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
) -> list[StoredEntry]:
    """Return entries with a smaller number than `before`, the newest first."""
    cursor = connection.cursor(row_factory=class_row(StoredEntry))
    of = {"before": before, "limit": limit, "actor": actor, "subject": subject, "since": since}
    return await (await cursor.execute(_SQL["entries"], of)).fetchall()


def _details(details: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _plain(value) if isinstance(value, str) else value for name, value in details.items()
    }


def _plain(text: str) -> str:
    """Return one line without characters that a terminal or a table would obey."""
    shown = (letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return "".join(shown)[:_LONGEST]
