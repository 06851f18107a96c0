"""Computes the snapshot once per change and hands the same bytes to every client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import structlog
from psycopg import AsyncConnection

from contract.readings import Snapshot
from server.api.database import DATABASE_ERRORS, Database
from server.api.settings import ApiSettings
from server.api.subscription import Subscription
from server.db.connection import one_line
from server.db.queries import query
from server.db.snapshots import Facts, read_facts
from server.errors import DatabaseAway, FiguresMissing
from server.kpi.snapshot import build_snapshot

STALE_AFTER_RENEWALS = 6
"""So many renewals missed: computing fails, and old figures must not pass for new ones."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The newest snapshot, as a value and as the JSON text that clients receive.

    `computed_s` is the monotonic clock's time of it.
    """

    snapshot: Snapshot
    text: str
    computed_s: float

    def age_s(self) -> float:
        """Return how long ago the snapshot was computed."""
        return time.monotonic() - self.computed_s


class Hub:
    """Watches the database and keeps the newest snapshot; clients subscribe to it."""

    def __init__(self, database_url: str, settings: ApiSettings) -> None:
        self.database = Database(database_url, settings)
        self._settings = settings
        self._changed = asyncio.Event()
        self._subscriptions: set[Subscription] = set()
        self._current: Current | None = None
        self._revision = 0
        self._away_since: float | None = None
        self._failing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and compute until the block ends."""
        await self.database.open()
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._refresh())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.database.close()

    @property
    def clients(self) -> int:
        """How many clients are subscribed."""
        return len(self._subscriptions)

    def current(self) -> Current:
        """Return the newest snapshot; raise DatabaseAway or FiguresMissing while there is none."""
        if self._away_since is not None:
            raise DatabaseAway(
                "the database is away or gives no answer; figures return when it does"
            )
        if self._current is None:
            raise FiguresMissing(
                "the first figures are not computed yet; try again in a second, and look into "
                "the API's log if this stays"
            )
        if (age_s := self._current.age_s()) > STALE_AFTER_RENEWALS * self._settings.renew_s:
            raise FiguresMissing(
                f"figures have not been computed for {age_s:.0f} s, though the database is not "
                "known to be away; snapshot_failed in the API's log says why"
            )
        return self._current

    def figures_ready(self) -> bool:
        """Return whether `current` would give figures."""
        with suppress(DatabaseAway, FiguresMissing):
            self.current()
            return True
        return False

    async def database_answers(self) -> bool:
        """Return whether a query comes back in time."""
        with suppress(DatabaseAway):
            await self.database.ask(_ping, within_s=self._settings.answer_s)
            return True
        return False

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        """Give the newest snapshot at once and every later one until the block ends.

        One that is due for renewal is not given: the next follows at once, or else computing
        hangs, and an old snapshot would pass for a new one.
        """
        subscription = Subscription()
        with suppress(DatabaseAway, FiguresMissing):
            newest = self.current()
            if newest.age_s() <= self._settings.renew_s:
                subscription.offer(newest.text)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def renew(self) -> Current:
        """Compute a snapshot from the database and send it to every subscriber."""
        now, facts = await self.database.ask(_read_now, within_s=self._settings.compute_s)
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
            except DatabaseAway as error:
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
        connection = await AsyncConnection.connect(self.database.conninfo, autocommit=True)
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


async def _ping(connection: AsyncConnection) -> None:
    await connection.execute(query("ping"))


async def _read_now(connection: AsyncConnection) -> tuple[datetime, Facts]:
    """Return the facts and their moment, which begins once there is a connection to read with."""
    now = datetime.now(UTC)
    return now, await read_facts(connection, now)
