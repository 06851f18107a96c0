"""Tries the quarantine again after a fix: what is understood now is stored like any message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from server.db.queries import query
from server.ingest.batch import Batch, Refused
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.settings import IngestSettings
from server.ingest.writer import DATA_ERRORS, store

PAGE_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """How many quarantined messages are stored now, and how many are still refused."""

    stored: int
    refused: int


def replay_quarantine(connection: psycopg.Connection, settings: IngestSettings) -> ReplayReport:
    """Replay every open row of the quarantine once; the connection must be in autocommit."""
    stored = refused = after = 0
    while rows := connection.execute(
        query("open_quarantine"), {"after": after, "limit": PAGE_ROWS}
    ).fetchall():
        for row, topic, payload in rows:
            if _replay(connection, row, topic, payload, settings):
                stored += 1
            else:
                refused += 1
            after = row
    return ReplayReport(stored=stored, refused=refused)


def _replay(
    connection: psycopg.Connection,
    row: int,
    topic: str,
    payload: bytes,
    settings: IngestSettings,
) -> bool:
    limits = TimeLimits.at(
        datetime.now(UTC),
        past_limit_days=settings.past_limit_days,
        future_limit_s=settings.future_limit_s,
    )
    batch = decode_batch([(topic, payload)], limits)
    if batch.refused:
        _renew(connection, row, batch.refused[0])
        return False
    try:
        with connection.transaction():
            store(connection, Batch(accepted=batch.accepted))
            connection.execute(query("mark_replayed"), {"id": row})
    except DATA_ERRORS:
        return False
    return True


def _renew(connection: psycopg.Connection, row: int, refused: Refused) -> None:
    connection.execute(
        query("renew_refusal"),
        {"id": row, "refusal": str(refused.refusal), "reason": refused.reason},
    )
