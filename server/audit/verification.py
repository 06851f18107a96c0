"""The whole log for a command: its chain followed, or its entries written to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.audit.chain import Verdict, verify
from server.audit.commands import command_entry
from server.audit.entries import Action, StoredEntry
from server.audit.store import record
from server.db.connection import session, session_conninfo
from server.db.migrations import require_current
from server.errors import ConfigurationError

_SQL = statements("server.audit", "audit.sql")
_LINK = statements("server.audit", "audit.sql")["links"]

T = TypeVar("T")


def verify_log(database_url: str, expect: str | None = None) -> Verdict:
    """Return the verdict on the chain; a link kept elsewhere as NUMBER:HEX must be in it."""
    wanted = None if expect is None else kept_elsewhere(expect, "--expect")

    async def work(connection: AsyncConnection) -> Verdict:
        verdict = await verify(connection)
        if wanted is None:
            return verdict
        number, link = wanted
        rows = await (await connection.execute(_LINK, {"after": number - 1})).fetchall()
        if rows and rows[0][0] == number and bytes(rows[0][6]) == link:
            return verdict
        fault = f"link {number} is not the one that was kept elsewhere: the chain was made anew"
        return replace(verdict, faults=(*verdict.faults, fault))

    return _read(database_url, work)


def kept_elsewhere(said: str, option: str) -> tuple[int, bytes]:
    """Return the number and bytes that an option names as NUMBER:HEX; raise ConfigurationError."""
    number, _, link = said.partition(":")
    try:
        return int(number), bytes.fromhex(link)
    except ValueError as error:
        raise ConfigurationError(
            f"{option} {said[:40]!r} is no link: write NUMBER:HEX as `motcua audit verify` does"
        ) from error


def export_log(database_url: str, file: Path) -> int:
    """Write every entry as one JSON object a line and return how many; raise ConfigurationError.

    That it was written is the next entry.
    """
    encoder = msgspec.json.Encoder()

    async def work(connection: AsyncConnection) -> int:
        count = 0
        with file.open("wb") as lines:
            async with connection.cursor(
                "audit_export", row_factory=class_row(StoredEntry)
            ) as rows:
                await rows.execute(_SQL["entries_between"], {"first": 1, "last": 2**63 - 1})
                async for entry in rows:
                    lines.write(encoder.encode(entry) + b"\n")
                    count += 1
        await record(connection, command_entry(Action.AUDIT_EXPORTED, entries=count))
        return count

    try:
        return _read(database_url, work)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def _read(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    with session(database_url) as connection:
        require_current(connection)

    async def run() -> T:
        where = session_conninfo(database_url)
        async with (
            await AsyncConnection.connect(where, autocommit=True) as opened,
            opened.transaction(),
        ):
            return await work(opened)

    return asyncio.run(run())
