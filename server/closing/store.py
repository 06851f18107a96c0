"""Reads and adds closings, keys and what was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from runtime.sql import statements
from server.closing.closings import Closing
from server.closing.documents import Document
from server.closing.keys import KeyRecord
from server.closing.parts import Part, PartKind
from server.errors import Conflict, NotFound
from server.periods import Period

_SQL = statements("server.closing", "closing.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A period that the worker is to close."""

    id: int
    period: str
    despite: bool
    asked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for a period: done or not, and why it was not closed."""

    asked_by: str
    asked_at: datetime
    done_at: datetime | None = None
    problem: str | None = None


@asynccontextmanager
async def alone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Let nobody else close or restate meanwhile; raise Conflict where somebody does already."""
    row = await (await connection.execute(_SQL["hold"])).fetchone()
    if row is None or not row[0]:
        raise Conflict("a period is being closed or restated at this moment: try again when it is")
    try:
        yield
    finally:
        await connection.execute(_SQL["release"])


async def read_closings(connection: AsyncConnection, period: str | None = None) -> list[Closing]:
    """Return every version of every closed period, or of one, in the order of the chain."""
    cursor = connection.cursor(row_factory=class_row(Closing))
    return await (await cursor.execute(_SQL["closings"], {"period": period})).fetchall()


async def read_newest(connection: AsyncConnection) -> Closing | None:
    """Return the newest closing of any period."""
    cursor = connection.cursor(row_factory=class_row(Closing))
    return await (await cursor.execute(_SQL["newest"])).fetchone()


async def read_version(
    connection: AsyncConnection,
    period: str,
    *,
    version: int | None = None,
    as_of: datetime | None = None,
) -> Closing:
    """Return a version of a closed period: the one asked for, that of a time, or the newest.

    Raises NotFound where there is none.
    """
    found = await read_closings(connection, period)
    if not found:
        raise NotFound(f"{period} is not closed")
    if version is not None:
        named = [each for each in found if each.version == version]
        if not named:
            raise NotFound(f"{period} has no version {version}: the newest is {found[-1].version}")
        return named[0]
    if as_of is not None:
        found = [each for each in found if each.closed_at <= as_of]
        if not found:
            raise NotFound(f"{period} was not closed yet at {as_of.isoformat()}")
    return found[-1]


async def read_document(connection: AsyncConnection, number: int) -> Document:
    """Return the document of a closing; raise NotFound, and ValueError for a damaged one."""
    row = await (await connection.execute(_SQL["document"], {"number": number})).fetchone()
    if row is None:
        raise NotFound(f"there is no closing {number}")
    return Document.stored(bytes(row[0]))


async def add_closing(connection: AsyncConnection, closing: Closing, document: Document) -> None:
    """Add a closing to the chain."""
    row = asdict(closing) | {
        "cause": Jsonb(closing.cause),
        "changes": Jsonb(closing.changes),
        "document": document.compressed,
    }
    await connection.execute(_SQL["add_closing"], row)


async def add_parts(connection: AsyncConnection, number: int, parts: Iterable[Part]) -> None:
    """Add the parts of a closing."""
    rows = [
        {
            "number": number,
            "kind": part.kind,
            "unit": part.unit,
            "officer": part.officer,
            "content": part.compressed,
            "digest": part.digest,
        }
        for part in parts
    ]
    await connection.cursor().executemany(_SQL["add_part"], rows)


async def read_parts(
    connection: AsyncConnection,
    number: int,
    *,
    kinds: Iterable[PartKind] = PartKind,
    units: Iterable[str] | None = None,
    officer: str | None = None,
) -> list[Part]:
    """Return the parts of a closing that the connection may see, of some units or of one officer.

    Raises ValueError for a damaged one.
    """
    asked = {
        "number": number,
        "kinds": [str(kind) for kind in kinds],
        "units": None if units is None else list(units),
        "officer": officer,
    }
    rows = await (await connection.execute(_SQL["parts"], asked)).fetchall()
    return [Part.stored(kind, unit, code, bytes(content)) for kind, unit, code, content in rows]


async def read_keys(connection: AsyncConnection) -> list[KeyRecord]:
    """Return the keys in the order in which they were handed over."""
    cursor = connection.cursor(row_factory=class_row(KeyRecord))
    return await (await cursor.execute(_SQL["keys"])).fetchall()


async def add_key(connection: AsyncConnection, key: KeyRecord) -> None:
    """Add the first key or the next one."""
    await connection.execute(_SQL["add_key"], asdict(key))


async def newest_link(connection: AsyncConnection) -> tuple[int | None, bytes | None]:
    """Return the newest link of the audit log with its number; None twice where there is none."""
    row = await (await connection.execute(_SQL["newest_link"])).fetchone()
    return (None, None) if row is None else (row[0], bytes(row[1]))


async def linked(connection: AsyncConnection, number: int) -> bytes | None:
    """Return the audit log's link of a number."""
    row = await (await connection.execute(_SQL["linked"], {"number": number})).fetchone()
    return None if row is None else bytes(row[0])


async def noted(connection: AsyncConnection) -> list[tuple[int, int, str]]:
    """Return what the audit log says was closed: its entry, the closing's number and its seal."""
    rows = await (await connection.execute(_SQL["entries"])).fetchall()
    return [(entry, number, seal) for entry, number, seal in rows]


async def closed_among(connection: AsyncConnection, periods: Iterable[str]) -> frozenset[str]:
    """Return those of the periods all of whose days lie in one that is closed."""
    now = datetime.now(UTC)
    wanted = {name: Period.parse(name, now) for name in periods}
    if not wanted:
        return frozenset()
    asked = {
        "names": list(wanted),
        "first_days": [period.first for period in wanted.values()],
        "end_days": [period.end for period in wanted.values()],
    }
    rows = await (await connection.execute(_SQL["closed_among"], asked)).fetchall()
    return frozenset(name for (name,) in rows)


async def ask(
    connection: AsyncConnection, period: Period, by: str, now: datetime, *, despite: bool
) -> None:
    """Have the worker close a period; raise Conflict where it is asked for already."""
    row = {"period": str(period), "despite": despite, "asked_by": by, "asked_at": now}
    if await (await connection.execute(_SQL["ask"], row)).fetchone() is None:
        raise Conflict(f"{period} is waiting to be closed already")


async def read_waiting(connection: AsyncConnection) -> list[Waiting]:
    """Return what the worker is to close, the oldest first."""
    cursor = connection.cursor(row_factory=class_row(Waiting))
    return await (await cursor.execute(_SQL["waiting"])).fetchall()


async def answer_request(
    connection: AsyncConnection, id_: int, now: datetime, problem: str | None
) -> None:
    """Note how a request ended."""
    await connection.execute(_SQL["answered"], {"id": id_, "now": now, "problem": problem})


async def read_requests(connection: AsyncConnection, period: str) -> list[Request]:
    """Return what was asked for a period, the newest first."""
    cursor = connection.cursor(row_factory=class_row(Request))
    return await (await cursor.execute(_SQL["requests"], {"period": period})).fetchall()


async def read_checked(connection: AsyncConnection, closing: Closing) -> datetime:
    """Return until when it was looked for what changes a version's figures."""
    asked = {"number": closing.number}
    row = await (await connection.execute(_SQL["checked"], asked)).fetchone()
    return closing.known_at if row is None else max(closing.known_at, row[0])


async def note_checked(connection: AsyncConnection, number: int, until: datetime) -> None:
    """Note that nothing until then has changed a version's figures."""
    await connection.execute(_SQL["note_checked"], {"number": number, "until": until})
