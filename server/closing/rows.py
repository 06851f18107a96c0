"""Digests of the rows behind figures, by table and local day, and what of them differs later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from runtime.sql import statements
from server.closing.closings import Closing
from server.closing.views import at_once
from server.errors import Conflict
from server.periods import Period, Step

_SQL = statements("server.closing", "rows.sql")
_SET_KNOWN_AT = statements("server.facts", "store.sql")["set_known_at"]

MESSAGES = ("visit", "wait", "rating", "prompt", "ticket", "officer_session")
"""Tables of messages, which retention ends."""

RECORDS = ("dossiers_received", "dossiers_ended", "complaints")
"""Dossiers and complaints, as they were known."""

TOTALS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "visit_daily": frozenset({"visit"}),
        "service_time_daily": frozenset({"visit"}),
        "wait_daily": frozenset({"wait"}),
        "rating_daily": frozenset({"rating"}),
        "prompt_daily": frozenset({"prompt"}),
        "expression_daily": frozenset({"visit"}),
        "dossier_total": frozenset({"dossiers_received", "dossiers_ended"}),
    }
)
"""Stored totals, each with the rows that make it: what comes late there changes it."""

TABLES = (*MESSAGES, *RECORDS, *TOTALS)
"""Whose rows are digested."""

_BY_MONTH = frozenset({*MESSAGES, "dossiers_received", "dossiers_ended"})
"""So many rows that their months are read at once, each sorted in memory."""

_LONGEST_FIRST = (
    "dossier_total", "dossiers_ended", "dossiers_received", "service_time_daily", "wait_daily",
    "visit", "wait", "ticket", "prompt", "rating", "officer_session", "complaints", "visit_daily",
    "rating_daily", "prompt_daily", "expression_daily",
)  # fmt: skip
"""By how long their parts take (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDigest:
    """The rows of one table and local day as they were known: how many, and their SHA-256.

    `late` came since.
    """

    table: str
    day: date
    rows: int
    digest: str
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What became of the rows behind a closing.

    `faults` name the table and day of rows that are not those that were digested, the first ones
    first; `late` counts by table and day what came since; `resting` are days by table whose
    messages are not kept any more.
    """

    faults: tuple[str, ...]
    late: Mapping[tuple[str, date], int]
    resting: Mapping[str, int]


async def read_digests(
    readers: Sequence[AsyncConnection], period: Period, known_at: datetime, tables: Sequence[str]
) -> list[DayDigest]:
    """Return the digests of these tables by table and day, as known at `known_at`.

    The readers, which see one moment, share the tables and their months.
    """
    parts = [
        (table, part) for part in period.split(Step.MONTH) for table in tables if table in _BY_MONTH
    ]
    parts += [(table, period) for table in tables if table not in _BY_MONTH]
    # The long ones first, so that no reader is left alone with one at the end.
    parts.sort(key=lambda part: _LONGEST_FIRST.index(part[0]))
    found: list[DayDigest] = []

    async def read(reader: AsyncConnection) -> None:
        await reader.execute(_SET_KNOWN_AT, {"known_at": known_at.isoformat()})
        await reader.execute(_SQL["sort_in_memory"])
        while parts:
            found.extend(await _read_part(reader, *parts.pop(0), known_at))

    await at_once(*map(read, readers))
    return sorted(found, key=lambda each: (tables.index(each.table), each.day))


async def _read_part(
    reader: AsyncConnection, table: str, period: Period, known_at: datetime
) -> list[DayDigest]:
    start, end = period.bounds
    asked = {
        "start": start,
        "end": end,
        "first_day": period.first,
        "end_day": period.end,
        "known_at": known_at,
    }
    rows = await (await reader.execute(_SQL[table], asked)).fetchall()
    return [
        DayDigest(table=table, day=day, rows=n, digest=bytes(digest).hex(), late=late)
        for day, n, late, digest in rows
    ]


async def await_writers(connection: AsyncConnection) -> datetime:
    """Wait until whoever writes rows at this moment has ended, and return that moment.

    By the database's clock, which says when rows were received. Raises Conflict where somebody
    writes for seconds, as an import does.
    """
    try:
        async with connection.transaction():
            await connection.execute(_SQL["be_brief"])
            await connection.execute(_SQL["lock"])
            row = await (await connection.execute(_SQL["now"])).fetchone()
    except psycopg.errors.LockNotAvailable as error:
        raise Conflict(
            "rows are being written at this moment, by an import or a recount: try again when it "
            "has ended"
        ) from error
    assert row is not None
    at: datetime = row[0]
    return at


async def compare_rows(
    connection: AsyncConnection,
    readers: Sequence[AsyncConnection],
    closing: Closing,
    stored: Sequence[Mapping[str, Any]],
) -> Compared:
    """Return what became of the rows behind a closing."""
    period = Period.parse(closing.period, closing.closed_at)
    found = await read_digests(readers, period, closing.known_at, TABLES)
    return compare(stored, found, await read_horizon(connection))


async def read_horizon(connection: AsyncConnection) -> datetime:
    """Return since when messages are kept."""
    row = await (await connection.execute(_SQL["horizon"])).fetchone()
    assert row is not None
    kept_from: datetime = row[0]
    return kept_from


def as_members(digests: Iterable[DayDigest]) -> list[dict[str, Any]]:
    """Return the digests as a document holds them."""
    return [
        {"table": each.table, "day": each.day.isoformat(), "rows": each.rows, "sha256": each.digest}
        for each in digests
        if each.rows
    ]


def compare(
    stored: Sequence[Mapping[str, Any]], found: Sequence[DayDigest], horizon: datetime
) -> Compared:
    """Return how the rows found now differ from what a document holds. Pure."""
    was = {(row["table"], date.fromisoformat(row["day"])): row for row in stored}
    now = {(each.table, each.day): each for each in found}
    late = {key: each.late for key, each in now.items() if each.late}
    faults, resting = [], dict[str, int]()
    for table, day in sorted({*was, *now}, key=lambda key: (key[1], key[0])):
        if table in MESSAGES and _midnight(day) < horizon and (table, day) in was:
            resting[table] = resting.get(table, 0) + 1
            continue
        if table in TOTALS and any((each, day) in late for each in {table, *TOTALS[table]}):
            continue
        before, after = was.get((table, day)), now.get((table, day))
        rows = 0 if after is None else after.rows
        if (before["rows"] if before else 0) != rows:
            faults.append(
                f"{table} of {day}: {before['rows'] if before else 0} rows were closed, {rows} "
                "of them are there"
            )
        elif before is not None and after is not None and before["sha256"] != after.digest:
            faults.append(f"{table} of {day}: the rows are not those that were closed")
    return Compared(faults=tuple(faults), late=late, resting=resting)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME)
