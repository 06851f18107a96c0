"""What the commands of accounts, keys and screens have in common."""

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

_WITHIN_S = 30.0


def change(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Return what `work` returns, done in one transaction; raise DatabaseAway or SchemaBehind."""
    with session(database_url) as connection:
        require_current(connection)

    async def run() -> T:
        database = Database(database_url, read_settings(PoolSettings))
        await database.open()
        try:
            return await database.change(work, within_s=_WITHIN_S)
        finally:
            await database.close()

    return asyncio.run(run())
