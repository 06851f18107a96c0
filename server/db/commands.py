"""Runs the work of one command of the console on the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from psycopg import AsyncConnection

from runtime.settings import read_settings
from server.db.connection import session
from server.db.migrations import require_current
from server.db.pool import Database, PoolSettings

T = TypeVar("T")


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Database]:
    """Give a pool for one command; raise SchemaBehind or DatabaseAway before it."""
    with session(database_url) as connection:
        require_current(connection)
    database = Database(database_url, read_settings(PoolSettings))
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def run_once(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Return what `work` returns, done in one transaction and committed; raise ServerError."""

    async def run() -> T:
        async with opened(database_url) as database:
            return await database.change(work)

    return asyncio.run(run())
