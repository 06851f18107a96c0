"""Judges anew what was refused for its time while nobody knew whose clock was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import TupleRow

from runtime.sql import statements
from server.ingest.batch import Batch, Times
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.writer import write

HELD_FOR = timedelta(days=1)
"""Long enough for somebody to set a clock right on the next working day."""

PAGE_ROWS = 500

_SQL = statements("server.quarantine", "quarantine.sql")


def judge_held(connection: psycopg.Connection, limits: TimeLimits, times: Times) -> Iterator[Batch]:
    """Yield what is decided now, committed: stored, or for good in quarantine.

    What is still refused for its time goes to quarantine once the server's clock is confirmed, or
    after a day. Not to be called while the server's clock is suspect.
    """
    after = b""
    while rows := connection.execute(
        _SQL["held_page"], {"after": after, "limit": PAGE_ROWS}
    ).fetchall():
        after = rows[-1][0]
        digests, batch = _decide(rows, limits, times)
        if digests:
            with connection.transaction():
                stored = write(connection, batch)
                connection.execute(_SQL["release_held"], {"digests": digests})
            yield stored


def _decide(
    rows: Sequence[TupleRow], limits: TimeLimits, times: Times
) -> tuple[list[bytes], Batch]:
    """Return the digests of the rows that need not be held any more, and what becomes of them."""
    digests: list[bytes] = []
    batch = Batch(times=times)
    for digest, topic, payload, received_at in rows:
        found = decode_batch([(topic, payload)], limits)
        waits = any(entry.untimely for entry in found.refused) and not _is_over(received_at, times)
        if waits:
            continue
        digests.append(digest)
        batch = replace(
            batch,
            accepted=[*batch.accepted, *found.accepted],
            refused=[*batch.refused, *(replace(entry, untimely=None) for entry in found.refused)],
        )
    return digests, batch


def _is_over(received_at: datetime, times: Times) -> bool:
    assert times.received_at is not None
    return times.confirmed or times.received_at - received_at >= HELD_FOR
