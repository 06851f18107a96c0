"""Runs the work of one command of the console on the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from psycopg import AsyncConnection

from runtime.settings import read_settings
from server.db.connection import session
from server.db.migrations import require_current
from server.db.pool import Database, PoolSettings

T = TypeVar("T")


def run_once(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Return what `work` returns, done in one transaction and committed; raise ServerError."""
    with session(database_url) as connection:
        require_current(connection)
    database = Database(database_url, read_settings(PoolSettings))

    async def run() -> T:
        await database.open()
        try:
            return await database.change(work)
        finally:
            await database.close()

    return asyncio.run(run())
