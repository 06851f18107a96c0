"""Joins listener, snapshot cache and fan-out: what changed in the database reaches every client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias

import structlog
from psycopg import AsyncConnection

from contract.readings import DeviceProblem, Timing
from server.db.connection import one_line
from server.db.pool import Database
from server.devices.store import read_server_state
from server.errors import DatabaseAway, FiguresMissing
from server.facts.sources import Selection, Source
from server.facts.store import read_facts
from server.live.fanout import FanOut
from server.live.listener import Changes, listen
from server.live.settings import LiveSettings
from server.live.snapshots import SOURCES, Facts, SnapshotCache
from server.periods import NOW, Period, day_of, today
from server.readings.guarding import concealed_in
from server.scopes import Scope
from server.units.store import read_tree
from server.units.units import UnitTree

STALE_AFTER_RENEWALS = 6
"""So many renewals missed: computing fails, and old figures must not pass for new ones."""

WITH_TIME_S = 1.0
"""How often readings that change with time alone are computed again."""

_HEARTBEAT_SHARE = 0.9
"""Of the time between renewals: one that comes a little early is a heartbeat, too."""

_Found: TypeAlias = tuple[UnitTree, Facts, frozenset[Scope], tuple[DeviceProblem, ...]]
"""Tree, facts, the places of which opinions and service are not told, and the server's alarms."""

log = structlog.get_logger()


class Live:
    """Keeps the readings of now and of today current while it runs."""

    def __init__(self, database: Database, settings: LiveSettings) -> None:
        # Greater than any revision of an earlier process, which gave at most five a second.
        self.cache = SnapshotCache(first_revision=int(time.time() * 1000))
        self.fanout = FanOut(self.cache, self._fresh)
        self.send_timeout_s = settings.send_timeout_s
        self._database = database
        self._settings = settings
        self._changes = Changes()
        self._computed_s: float | None = None
        self._with_time_s = 0.0
        self._heartbeat_s = 0.0
        self._day: Period | None = None
        self._away_since: float | None = None
        self._failing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and compute until the block ends."""
        listening = listen(
            self._database.conninfo,
            self._changes,
            retry_s=self._settings.retry_s,
            lost=self._note_away,
        )
        tasks = [asyncio.create_task(listening), asyncio.create_task(self._refresh_forever())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def require_figures(self) -> SnapshotCache:
        """Return the cache; raise DatabaseAway or FiguresMissing while its figures are old."""
        if self._away_since is not None:
            raise DatabaseAway(
                "the database is away or gives no answer; figures return when it does"
            )
        if self._computed_s is None:
            raise FiguresMissing(
                "the first figures are not computed yet; try again in a second, and look into "
                "the API's log if this stays"
            )
        age_s = time.monotonic() - self._computed_s
        if age_s > STALE_AFTER_RENEWALS * self._settings.renew_s:
            raise FiguresMissing(
                f"figures have not been computed for {age_s:.0f} s, though the database is not "
                "known to be away; refresh_failed in the API's log says why"
            )
        return self.cache

    def changes_heard(self) -> int | None:
        """Return a number that grows with each change, None while changes may go unheard."""
        return self._changes.heard if self.figures_ready() else None

    def figures_ready(self) -> bool:
        """Return whether there are current figures."""
        with suppress(DatabaseAway, FiguresMissing):
            self.require_figures()
            return True
        return False

    def _fresh(self) -> bool:
        """Return whether figures are not due for renewal: else newer ones follow at once."""
        if self._computed_s is None or self._away_since is not None:
            return False
        return time.monotonic() - self._computed_s <= self._settings.renew_s

    async def _refresh_forever(self) -> None:
        settings = self._settings
        while True:
            started_s = time.monotonic()
            try:
                await self.refresh(datetime.now(UTC))
            except DatabaseAway as error:
                self._changes.add(None)
                self._note_away(error)
            except Exception:
                self._changes.add(None)
                if not self._failing:  # once, for this runs at every change
                    log.exception("refresh_failed")
                self._failing = True
            else:
                self._failing = False
                self._note_back()
            await asyncio.sleep(max(0.0, started_s + settings.coalesce_s - time.monotonic()))
            away = self._away_since is not None or self._failing
            if away:
                await asyncio.sleep(settings.retry_s)
            else:
                await self._changes.wait(settings.renew_s)

    async def refresh(self, now: datetime) -> None:
        """Read what has changed since the last refresh and tell the clients."""
        units = self._changes.take()
        if units is None or self._day != day_of(now):
            await self._refresh_all(now)
        else:
            await self._refresh_units(units, now)

    async def _refresh_all(self, now: datetime) -> None:
        tree, facts, concealed, self.cache.alarms = await self._read(None, now)
        self._replace_all(tree, facts, now, concealed)

    async def _refresh_units(self, units: frozenset[str], now: datetime) -> None:
        # Also without any change: a database that hangs must not pass for a quiet one.
        tree, facts, concealed, alarms = await self._read(units, now)
        if tree != self.cache.tree:
            await self._refresh_all(now)
            return
        at_s = time.monotonic()
        with_time = at_s - self._with_time_s >= WITH_TIME_S
        heartbeat = at_s - self._heartbeat_s >= self._settings.renew_s * _HEARTBEAT_SHARE
        if alarms != self.cache.alarms:  # everybody is told, whether or not figures changed
            self.cache.alarms, heartbeat = alarms, True
        delta = self.cache.change(units, facts, now, with_time=with_time, concealed=concealed)
        self._with_time_s = at_s if with_time else self._with_time_s
        self._heartbeat_s = at_s if heartbeat else self._heartbeat_s
        self._computed_s = at_s
        self.fanout.send(delta, heartbeat=heartbeat)

    def _replace_all(
        self, tree: UnitTree, facts: Facts, now: datetime, concealed: frozenset[Scope]
    ) -> None:
        self.cache.replace_all(tree, facts, now, concealed)
        self._day = day_of(now)
        # Known before clients are woken, for they ask whether figures are current.
        self._computed_s = self._with_time_s = self._heartbeat_s = time.monotonic()
        self._note_back()
        self.fanout.start_over()

    async def _read(self, units: frozenset[str] | None, now: datetime) -> _Found:
        async def read(connection: AsyncConnection) -> _Found:
            tree = await read_tree(connection, today(now))
            server = await read_server_state(connection)
            concealed = await concealed_in(connection, tree, day_of(now))
            return tree, await _read_sources(connection, units, now), concealed, server.alarms

        return await self._database.ask(read, within_s=self._settings.compute_s)

    def _note_away(self, error: BaseException) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.warning("database_away", error=one_line(error))

    def _note_back(self) -> None:
        if self._away_since is not None:
            log.info("database_back", after_s=round(time.monotonic() - self._away_since, 1))
            self._away_since = None


async def _read_sources(
    connection: AsyncConnection, units: frozenset[str] | None, now: datetime
) -> Facts:
    """Return the facts of now and of today by source, of these units or of all."""
    chosen = None if units is None else tuple(sorted(units))

    def of(source: Source[Any]) -> Selection:
        period = NOW if source.timing is Timing.NOW else day_of(now)
        return Selection(units=chosen, period=period)

    return {
        name: await read_facts(connection, source, of(source)) for name, source in SOURCES.items()
    }
