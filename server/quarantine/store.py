"""Reads the messages that could not be understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from contract.errors import Refusal
from runtime.sql import statements

_SQL = statements("server.quarantine", "quarantine.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """One refused message; `payload_start` shows its first 500 bytes as text."""

    id: int
    topic: str
    refusal: Refusal
    reason: str
    payload_bytes: int
    payload_start: str
    received_at: datetime
    last_received_at: datetime
    times_received: int
    replayed_at: datetime | None


async def read_quarantine(
    connection: AsyncConnection, *, before: int, limit: int
) -> list[QuarantineEntry]:
    """Return at most `limit` entries with an id below `before`, the newest first."""
    cursor = await connection.execute(_SQL["quarantine_page"], {"before": before, "limit": limit})
    return [
        QuarantineEntry(
            id=row[0],
            topic=row[1],
            refusal=Refusal(row[2]),
            reason=row[3],
            payload_bytes=row[4],
            payload_start=bytes(row[5]).decode("utf-8", "replace"),
            received_at=row[6],
            last_received_at=row[7],
            times_received=row[8],
            replayed_at=row[9],
        )
        for row in await cursor.fetchall()
    ]
