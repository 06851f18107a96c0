"""One view of the database for several connections, so that rows and figures are read at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncClientCursor, AsyncConnection, AsyncCursor, IsolationLevel
from psycopg.conninfo import make_conninfo

from runtime.sql import statements

_SQL = statements("server.closing", "views.sql")

READERS = 3
"""Of rows, beside those of figures: a server of a province has four cores at least."""

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Connections that see one moment: a second one for `figures`, and those that read `rows`."""

    figures: AsyncConnection
    rows: tuple[AsyncConnection, ...]


@asynccontextmanager
async def one_view(connection: AsyncConnection) -> AsyncIterator[Readers]:
    """Let everything be read as of one moment, by `connection` and by readers beside it."""
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    try:
        async with connection.transaction(), readers_beside(connection) as readers:
            yield readers
    finally:
        if not connection.closed:
            await connection.set_isolation_level(None)


@asynccontextmanager
async def readers_beside(connection: AsyncConnection) -> AsyncIterator[Readers]:
    """Yield other connections whose transactions see what `connection` sees in its own.

    What it has written itself there they do not see; it must be in no savepoint.
    """
    row = await (await connection.execute(_SQL["export"])).fetchone()
    assert row is not None
    # The address of a connection leaves its password out.
    conninfo = make_conninfo(connection.info.dsn, password=connection.info.password or None)
    async with AsyncExitStack() as stack:
        readers = []
        for _ in range(1 + READERS):
            reader = await AsyncConnection.connect(conninfo, cursor_factory=AsyncClientCursor)
            # Closed without a commit: nothing is written.
            stack.push_async_callback(reader.close)
            await reader.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            await reader.execute(_SQL["see"], {"snapshot": row[0]})
            readers.append(reader)
        readers[0].cursor_factory = AsyncCursor
        yield Readers(figures=readers[0], rows=tuple(readers[1:]))


async def both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Do both at once and return what they return; where one fails, the other is stopped first."""
    found: list[Any] = await at_once(first, second)
    return found[0], found[1]


async def at_once(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do all at once and return their results; where one fails, the others are stopped first."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
