"""The API's and the worker's connections: bounded in number, in waiting, and clean at each use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict
from typing import LiteralString, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.sql import statements
from server.db.connection import one_line, session_conninfo
from server.db.read_only import ReadOnly, why_read_only
from server.db.viewers import NOBODY, Scribe, Viewer
from server.errors import DatabaseAway, DatabaseReadOnly

DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError)
"""The database is away. What else psycopg raises is a mistake of ours, and is said as one."""

_SQL = statements("server.db", "pool.sql")

T = TypeVar("T")

log = structlog.get_logger()


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
    """A pool of connections that notices a database which hangs as well as one that is gone."""

    def __init__(self, database_url: str, settings: PoolSettings) -> None:
        self.conninfo = session_conninfo(database_url)
        self._answer_s = settings.answer_s
        self._read_only: ReadOnly | None = None
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
            configure=self._configure,
            reset=self._require_unchanged,
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; the database may be away."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close what is not in use; what hangs is left to the event loop's end."""
        await self._pool.close()

    def read(self, viewer: Viewer = NOBODY) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection in a transaction that sees one state of the database and only reads.

        It sees of officers what `viewer` may see.

        Raises DatabaseAway when there is no connection or it breaks. How long a query takes is
        not bounded: what a client waits for goes through `ask`.
        """
        return self._transaction(_SQL["begin_reading"], viewer if viewer.masked else None)

    def write(self, scribe: Scribe | None = None) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection in a transaction that writes, committed when the block ends well.

        It writes what `scribe` may; without one, as the worker and commands do, everything.

        Raises DatabaseAway as `read` does; whether a COMMIT that broke off took place is unknown.
        """
        return self._transaction(_SQL["begin_writing"], scribe=scribe)

    def note_read_only(self, connection: AsyncConnection) -> ReadOnly | None:
        """Return why the database of a new connection takes no changes; log it when it changes."""
        known, self._read_only = self._read_only, why_read_only(connection)
        if self._read_only is not None and self._read_only != known:
            because = self._read_only
            log.warning("database_read_only", problem=because.problem, next=because.next)
        elif self._read_only is None and known is not None:
            log.info("database_writable")
        return self._read_only

    async def ask(
        self,
        question: Callable[[AsyncConnection], Awaitable[T]],
        *,
        viewer: Viewer = NOBODY,
        within_s: float | None = None,
    ) -> T:
        """Return what `question` reads in a read session on behalf of `viewer`; without `within_s`
        the settings bound it.

        Raises DatabaseAway when that fails or takes too long.
        """
        return await self._bounded(self._answer(self.read(viewer), question), within_s)

    async def change(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        scribe: Scribe | None = None,
        within_s: float | None = None,
    ) -> T:
        """Return what `work` returns, done in a write session; bounded and failing as `ask` does.

        After DatabaseAway it is not known whether it was committed: it must be safe to repeat.
        """
        return await self._bounded(self._answer(self.write(scribe), work), within_s)

    async def _bounded(self, asked: Coroutine[None, None, T], within_s: float | None) -> T:
        bound_s = self._answer_s if within_s is None else within_s
        asking = asyncio.create_task(asked)
        try:
            # Not asyncio.timeout: psycopg, once cancelled, waits until the server lets go of the
            # query, and a frozen one does not. It does so behind our back.
            await asyncio.wait({asking}, timeout=bound_s)
        finally:
            if not asking.done():
                self._let_go(asking)
        if not asking.done():
            raise DatabaseAway(f"the database gave no answer within {bound_s:g} s")
        return asking.result()

    @asynccontextmanager
    async def _transaction(
        self,
        characteristics: LiteralString,
        viewer: Viewer | None = None,
        scribe: Scribe | None = None,
    ) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._pool.connection() as connection, _changing(connection):
                await connection.execute(characteristics)
                if viewer is not None:
                    await connection.execute(_SQL["become_reader"], asdict(viewer))
                if scribe is not None:
                    of = asdict(scribe) | {"role": scribe.role}
                    await connection.execute(_SQL["become_writer"], of)
                yield connection
        except DATABASE_ERRORS as error:
            raise DatabaseAway(one_line(error)) from error

    async def _answer(
        self,
        session: AbstractAsyncContextManager[AsyncConnection],
        question: Callable[[AsyncConnection], Awaitable[T]],
    ) -> T:
        async with session as connection:
            return await question(connection)

    async def _configure(self, connection: AsyncConnection) -> None:
        self.note_read_only(connection)

    async def _require_unchanged(self, connection: AsyncConnection) -> None:
        """Refuse a connection whose session was changed: the pool makes another in its place.

        Asks the driver alone: a query here would keep the pool's own tasks when the database hangs.
        """
        set_by_somebody = (connection.isolation_level, connection.read_only, connection.deferrable)
        read_only = connection.info.parameter_status("default_transaction_read_only") == "on"
        if (
            not connection.autocommit
            or (read_only and self._read_only is None)
            or set_by_somebody != (None, None, None)
        ):
            log.error("connection_changed", next="set transactions, not sessions")
            raise psycopg.ProgrammingError("the session was changed by whoever used the connection")

    def _let_go(self, asking: asyncio.Task[T]) -> None:
        """Cancel what nobody waits for any more; it is kept from the garbage until it has ended."""
        self._overdue.add(asking)
        asking.add_done_callback(self._forget)
        asking.cancel()

    def _forget(self, ended: asyncio.Task[T]) -> None:
        self._overdue.discard(ended)
        if not ended.cancelled():
            ended.exception()  # looked at, so that asyncio does not report it as never retrieved


@asynccontextmanager
async def _changing(connection: AsyncConnection) -> AsyncIterator[None]:
    """Open a transaction; raise DatabaseReadOnly where it cannot change what it was to change."""
    try:
        async with connection.transaction():
            yield
    except (errors.ReadOnlySqlTransaction, errors.FeatureNotSupported) as error:
        because = why_read_only(connection)
        if because is None:
            raise
        raise DatabaseReadOnly(str(because)) from error
