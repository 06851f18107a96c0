"""How far each source has been read, and what of it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import AsyncConnection

from runtime.sql import statements

KEPT_REFUSALS = 1_000
SHOWN_REFUSALS = 20

_SQL = statements("server.sources", "sources.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record that was not taken: its code, the field, and why."""

    record: str
    field: str
    reason: str
    times: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source: how far it was read, what went wrong last, and the newest refusals.

    `cursor` is the source's own time of change, or the name of its last file. `records` and
    `refused` count everything that came since the first run, repetitions included.
    """

    id: str
    cursor: str
    last_run_at: datetime | None
    last_success_at: datetime | None
    problem: str | None
    records: int
    refused: int
    refusals: list[Refused] = field(default_factory=list)


async def read_cursor(connection: AsyncConnection, source: str) -> str:
    """Return how far `source` has been read, empty for nothing yet."""
    row = await (await connection.execute(_SQL["cursor"], {"source": source})).fetchone()
    return "" if row is None else str(row[0])


async def note_run(
    connection: AsyncConnection,
    source: str,
    now: datetime,
    *,
    cursor: str | None = None,
    problem: str | None = None,
    records: int = 0,
    refused: int = 0,
) -> None:
    """Keep what came of a run; without `cursor` it stays where it was."""
    values = {"source": source, "now": now, "cursor": cursor, "problem": problem}
    await connection.execute(_SQL["note_run"], values | {"records": records, "refused": refused})


async def note_refusals(
    connection: AsyncConnection, source: str, refused: Sequence[Refused], now: datetime
) -> None:
    """Keep which records were refused, the newest of each source."""
    if not refused:
        return
    columns = {
        "record": [each.record for each in refused],
        "field": [each.field for each in refused],
        "reason": [each.reason for each in refused],
    }
    await connection.execute(_SQL["note_refusals"], columns | {"source": source, "now": now})
    await connection.execute(_SQL["forget_refusals"], {"source": source, "keep": KEPT_REFUSALS})


async def read_sources(connection: AsyncConnection) -> list[SourceStatus]:
    """Return every source with its newest refusals."""
    rows = await (await connection.execute(_SQL["sources"])).fetchall()
    wanted = {"most": SHOWN_REFUSALS}
    refusals: dict[str, list[Refused]] = {}
    for source, record, name, reason, times, at in await (
        await connection.execute(_SQL["refusals"], wanted)
    ).fetchall():
        refused = Refused(record=record, field=name, reason=reason, times=times, at=at)
        refusals.setdefault(source, []).append(refused)
    return [
        SourceStatus(
            id=row[0],
            cursor=row[1],
            last_run_at=row[2],
            last_success_at=row[3],
            problem=row[4],
            records=row[5],
            refused=row[6],
            refusals=refusals.get(row[0], []),
        )
        for row in rows
    ]
