"""What REST returns besides readings: health and the quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import AsyncConnection

from contract.errors import Refusal
from server.db.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the API can answer, and how many stream clients it has.

    `figures` are missing right after the start, while the database is away, and when computing
    them fails.
    """

    status: Literal["ok", "degraded"]
    database: Literal["ok", "away"]
    figures: Literal["ok", "missing"]
    clients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is no answer, and what to do next."""

    detail: str


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
    cursor = await connection.execute(query("quarantine_page"), {"before": before, "limit": limit})
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
