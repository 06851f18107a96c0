"""Tries the quarantine again after a fix: what is understood now is stored like any message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from contract.errors import Refusal
from runtime.sql import statements
from server.db.connection import one_line
from server.ingest.batch import Batch, Received
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.settings import IngestSettings
from server.ingest.writer import DATA_ERRORS, storable_reason, store

PAGE_ROWS = 500
_SQL = statements("server.quarantine", "quarantine.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """How many quarantined messages are stored now, and how many are still refused."""

    stored: int
    refused: int


def replay_quarantine(connection: psycopg.Connection, settings: IngestSettings) -> ReplayReport:
    """Replay every open row of the quarantine once; the connection must be in autocommit."""
    stored = refused = after = 0
    while rows := connection.execute(
        _SQL["open_quarantine"], {"after": after, "limit": PAGE_ROWS}
    ).fetchall():
        for row, topic, payload, received_at, confirmed in rows:
            limits = _limits(received_at if confirmed else None, settings)
            if _replay(connection, row, (topic, payload), limits):
                stored += 1
            else:
                refused += 1
            after = row
    return ReplayReport(stored=stored, refused=refused)


def _limits(received_at: datetime | None, settings: IngestSettings) -> TimeLimits:
    """Return the limits of this moment.

    Where devices had confirmed the server's clock, the device's was wrong: then the future counts
    from the receipt, for a wrong date does not come true.
    """
    now = datetime.now(UTC)
    return TimeLimits(
        oldest=now - timedelta(days=settings.past_limit_days),
        newest=(received_at or now) + timedelta(seconds=settings.future_limit_s),
    )


def _replay(
    connection: psycopg.Connection, row: int, received: Received, limits: TimeLimits
) -> bool:
    batch = decode_batch([received], limits)
    for refused in (*batch.refused, *batch.untimely_health):
        _renew(connection, row, refused.refusal, refused.reason)
        return False
    try:
        with connection.transaction():
            store(connection, Batch(accepted=batch.accepted))
            connection.execute(_SQL["mark_replayed"], {"id": row})
    except DATA_ERRORS as error:
        _renew(connection, row, Refusal.REJECTED_BY_DATABASE, one_line(error))
        return False
    return True


def _renew(connection: psycopg.Connection, row: int, refusal: Refusal, reason: str) -> None:
    connection.execute(
        _SQL["renew_refusal"],
        {"id": row, "refusal": str(refusal), "reason": storable_reason(reason)},
    )
