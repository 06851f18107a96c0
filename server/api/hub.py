"""Computes the snapshot once per change and hands the same bytes to every client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from contract.readings import Snapshot
from server.api.settings import ApiSettings
from server.api.subscription import Subscription
from server.db.connection import one_line, session_conninfo
from server.db.queries import query
from server.db.snapshots import read_facts
from server.errors import DatabaseAway, FiguresMissing
from server.kpi.snapshot import build_snapshot

DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError)
"""The database is away. What else psycopg raises is a mistake of ours, and is said as one."""

STALE_AFTER_RENEWALS = 6
"""So many renewals missed: computing hangs or fails, and old figures must not pass for new ones."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The newest snapshot, as a value and as the JSON text that clients receive.

    `computed_s` is the monotonic clock's time of it.
    """

    snapshot: Snapshot
    text: str
    computed_s: float


class Hub:
    """Watches the database and keeps the newest snapshot; clients subscribe to it."""

    def __init__(self, database_url: str, settings: ApiSettings) -> None:
        self._conninfo = session_conninfo(database_url)
        self._settings = settings
        self._changed = asyncio.Event()
        self._subscriptions: set[Subscription] = set()
        self._current: Current | None = None
        self._revision = 0
        self._away_since: float | None = None
        self._failing = False
        self.pool = AsyncConnectionPool(
            self._conninfo,
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

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and compute until the block ends."""
        await self.pool.open(wait=False)
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._refresh())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.pool.close()

    @property
    def clients(self) -> int:
        """How many clients are subscribed."""
        return len(self._subscriptions)

    def current(self) -> Current:
        """Return the newest snapshot; raise DatabaseAway or FiguresMissing while there is none."""
        if self._away_since is not None:
            raise DatabaseAway("the database is away; figures return when it does")
        if self._current is None:
            raise FiguresMissing(
                "the first figures are not computed yet; try again in a second, and look into "
                "the API's log if this stays"
            )
        age_s = time.monotonic() - self._current.computed_s
        if age_s > STALE_AFTER_RENEWALS * self._settings.renew_s:
            raise FiguresMissing(
                f"figures have not been computed for {age_s:.0f} s though the database answers; "
                "look into the API's log"
            )
        return self._current

    def figures_ready(self) -> bool:
        """Return whether `current` would give figures."""
        with suppress(DatabaseAway, FiguresMissing):
            self.current()
            return True
        return False

    async def database_answers(self) -> bool:
        """Return whether a query comes back."""
        try:
            async with self.pool.connection() as connection:
                await connection.execute(query("ping"))
        except DATABASE_ERRORS:
            return False
        return True

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        """Give the newest snapshot at once and every later one until the block ends.

        While figures are missing nothing is given: an old snapshot would pass for a new one.
        """
        subscription = Subscription()
        with suppress(DatabaseAway, FiguresMissing):
            subscription.offer(self.current().text)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def renew(self) -> Current:
        """Compute a snapshot from the database and send it to every subscriber."""
        now = datetime.now(UTC)
        async with self.pool.connection() as connection:
            facts = await read_facts(connection, now)
        self._revision += 1
        snapshot = build_snapshot(
            facts.units, facts.inputs, facts.devices, now=now, revision=self._revision
        )
        text = msgspec.json.encode(snapshot).decode()
        self._current = current = Current(snapshot=snapshot, text=text, computed_s=time.monotonic())
        for subscription in self._subscriptions:
            subscription.offer(text)
        return current

    async def _refresh(self) -> None:
        settings = self._settings
        while True:
            started = time.monotonic()
            self._changed.clear()
            try:
                await self.renew()
            except DATABASE_ERRORS as error:
                self._note_away(error)
            except Exception:
                if not self._failing:  # once, for this runs at every change
                    log.exception("snapshot_failed")
                self._failing = True
            else:
                self._failing = False
                self._note_back()
            await asyncio.sleep(max(0.0, started + settings.coalesce_s - time.monotonic()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._renewal_wait_s())

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except DATABASE_ERRORS as error:
                self._note_away(error)
                self._changed.set()
            except Exception:
                log.exception("listen_failed")
            await asyncio.sleep(self._settings.retry_s)

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with connection:
            await connection.execute(query("listen_change"))
            self._changed.set()
            async for _ in connection.notifies():
                self._changed.set()

    def _renewal_wait_s(self) -> float:
        away = self._away_since is not None
        return self._settings.retry_s if away else self._settings.renew_s

    def _note_away(self, error: BaseException) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.warning("database_away", error=one_line(error))

    def _note_back(self) -> None:
        if self._away_since is not None:
            log.info("database_back", after_s=round(time.monotonic() - self._away_since, 1))
            self._away_since = None
