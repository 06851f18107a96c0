"""The API's connections to PostgreSQL: whoever asks gets an answer or an error, in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from server.api.settings import ApiSettings
from server.db.connection import one_line, session_conninfo
from server.errors import DatabaseAway

DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError)
"""The database is away. What else psycopg raises is a mistake of ours, and is said as one."""

T = TypeVar("T")


class Database:
    """A pool of connections that notices a database which hangs as well as one that is gone."""

    def __init__(self, database_url: str, settings: ApiSettings) -> None:
        self.conninfo = session_conninfo(database_url)
        self._overdue: set[asyncio.Task[object]] = set()
        self._pool = AsyncConnectionPool(
            self.conninfo,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=settings.pool_connections,
            timeout=settings.pool_wait_s,
            # The pool doubles its pauses: after an outage of a minute it would try again a minute
            # late. Given up early, it begins anew with the next request, at the latest in seconds.
            reconnect_timeout=settings.pool_wait_s,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; the database may be away."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close what is not in use; what hangs is left to the event loop's end."""
        await self._pool.close()

    async def ask(
        self, question: Callable[[AsyncConnection], Awaitable[T]], *, within_s: float
    ) -> T:
        """Return what `question` reads; raise DatabaseAway when that fails or takes too long."""
        asking = asyncio.create_task(self._answer(question))
        try:
            # Not asyncio.timeout: psycopg, once cancelled, waits until the server lets go of the
            # query, and a frozen one does not. It does so behind our back.
            await asyncio.wait({asking}, timeout=within_s)
        finally:
            if not asking.done():
                self._let_go(asking)
        if not asking.done():
            raise DatabaseAway(f"the database gave no answer within {within_s:g} s")
        return asking.result()

    async def _answer(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        try:
            async with self._pool.connection() as connection:
                return await question(connection)
        except DATABASE_ERRORS as error:
            raise DatabaseAway(one_line(error)) from error

    def _let_go(self, asking: asyncio.Task[T]) -> None:
        """Cancel what nobody waits for any more; it is kept from the garbage until it has ended."""
        self._overdue.add(asking)
        asking.add_done_callback(self._forget)
        asking.cancel()

    def _forget(self, ended: asyncio.Task[T]) -> None:
        self._overdue.discard(ended)
        if not ended.cancelled():
            ended.exception()  # looked at, so that asyncio does not report it as never retrieved
