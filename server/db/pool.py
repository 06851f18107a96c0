"""The API's connections to PostgreSQL: whoever asks gets an answer or an error, in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.db.connection import one_line, session_conninfo
from server.errors import DatabaseAway

DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError)
"""The database is away. What else psycopg raises is a mistake of ours, and is said as one."""

T = TypeVar("T")

_READ: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: LiteralString = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"


class PoolSettings(BaseSettings):
    """Read from the environment as MOTCUA_API_POOL_CONNECTIONS and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_API_", frozen=True, extra="ignore")

    pool_connections: int = Field(default=4, ge=1, description="Connections for requests.")
    pool_wait_s: float = Field(
        default=2.0, gt=0, description="Seconds a request waits for a connection, then 503."
    )
    answer_s: float = Field(
        default=2.0,
        gt=0,
        description="Seconds the database may take to answer a request, then 503.",
    )


class Database:
    """A pool of connections that notices a database which hangs as well as one that is gone.

    How a transaction reads or writes is said where it begins, never left behind in the session: a
    connection comes back as it was given.
    """

    def __init__(self, database_url: str, settings: PoolSettings) -> None:
        self.conninfo = session_conninfo(database_url)
        self._answer_s = settings.answer_s
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
            reset=_require_idle,
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; the database may be away."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close what is not in use; what hangs is left to the event loop's end."""
        await self._pool.close()

    async def read(
        self,
        question: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        """Return what `question` reads, in one consistent view of the database.

        Raises DatabaseAway when it fails or takes longer than `within_s`, by default the settings'
        `answer_s`.
        """
        return await self._bounded(self._in_transaction(_READ, question), within_s)

    async def write(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        """Return what `work` returns once it is committed; raise DatabaseAway as `read` does.

        After DatabaseAway the work may or may not be committed: it must be safe to repeat.
        """
        return await self._bounded(self._in_transaction(_WRITE, work), within_s)

    async def _bounded(self, asked: Coroutine[None, None, T], within_s: float | None) -> T:
        limit_s = self._answer_s if within_s is None else within_s
        asking = asyncio.create_task(asked)
        try:
            # Not asyncio.timeout: psycopg, once cancelled, waits until the server lets go of the
            # query, and a frozen one does not. It does so behind our back.
            await asyncio.wait({asking}, timeout=limit_s)
        finally:
            if not asking.done():
                self._let_go(asking)
        if not asking.done():
            raise DatabaseAway(f"the database gave no answer within {limit_s:g} s")
        return asking.result()

    async def _in_transaction(
        self, begin: LiteralString, question: Callable[[AsyncConnection], Awaitable[T]]
    ) -> T:
        try:
            async with self._pool.connection() as connection, _transaction(connection, begin):
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


async def ping(connection: AsyncConnection) -> None:
    """Return when the database answers."""
    await connection.execute("SELECT 1")


@asynccontextmanager
async def _transaction(connection: AsyncConnection, begin: LiteralString) -> AsyncIterator[None]:
    await connection.execute(begin)
    try:
        yield
    except BaseException:
        if not connection.closed:
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


async def _require_idle(connection: AsyncConnection) -> None:
    """Raise, so that the pool closes it, unless a connection comes back as it was given."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        raise psycopg.InterfaceError("a connection came back with an open transaction")
