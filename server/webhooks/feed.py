"""Turns the stream's updates into what waits for receivers, in one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import structlog
from psycopg import AsyncConnection

from contract.readings import Update
from runtime.sql import statements
from server.db.connection import session_conninfo
from server.db.pool import Database
from server.db.viewers import ITSELF
from server.webhooks import store
from server.webhooks.figures import Figures, ScopeFigures

COALESCED_S = 0.3
"""What changes within so long is told together."""

LOOKED_EVERY_S = 5.0
"""How soon a new webhook is noticed, and one whose job was lost is deferred again."""

Updates = Callable[[], AbstractAsyncContextManager[AsyncIterator[str]]]
"""Gives the updates of the province as the stream has them, from now on; the first is whole."""

_SQL = statements("server.webhooks", "feed.sql")
_DECODER = msgspec.json.Decoder(Update)

log = structlog.get_logger()


class Feed:
    """Keeps the newest figures of each scope, and has them sent to whoever waits."""

    def __init__(self, database: Database, database_url: str, updates: Updates) -> None:
        self._database = database
        self._conninfo = session_conninfo(database_url)
        self._updates = updates

    async def run(self) -> None:
        """Work until cancelled, or until the database goes away (DatabaseAway, psycopg's)."""
        while True:
            if await self._any_enabled():
                async with self._alone() as first:
                    if first:
                        await self._follow()
            await asyncio.sleep(LOOKED_EVERY_S)

    async def _follow(self) -> None:
        """Follow the updates until no webhook is enabled any more."""
        async with self._updates() as updates:
            following = asyncio.create_task(self._take(updates))
            try:
                while await self._any_enabled():
                    await self._defer()
                    done, _ = await asyncio.wait({following}, timeout=LOOKED_EVERY_S)
                    if done:
                        following.result()
                        return
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)

    async def _take(self, updates: AsyncIterator[str]) -> None:
        """Store what the updates change until they end.

        Updates are taken as they come, five a second, however long storing takes: those that
        waited for it would be told late, and ever later.
        """
        news = _News()
        reading = asyncio.create_task(news.read(updates))
        reading.add_done_callback(lambda _: news.there.set())
        try:
            while True:
                await news.there.wait()
                if reading.done():
                    reading.result()
                    return
                await self._store(*news.take())
                await asyncio.sleep(COALESCED_S)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _store(self, changed: list[ScopeFigures], whole: frozenset[str] | None) -> None:
        async with self._database.write() as connection:
            await store.store_figures(connection, changed)
            if whole is not None:
                await store.forget_figures(connection, whole)
            await store.defer_behind(connection)

    async def _defer(self) -> None:
        async with self._database.write() as connection:
            await store.defer_behind(connection)

    async def _any_enabled(self) -> bool:
        return await self._database.ask(store.any_enabled, viewer=ITSELF)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Tell whether this worker is the one that follows; it is until the block ends."""
        async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            row = await (await connection.execute(_SQL["be_alone"])).fetchone()
            yield row is not None and bool(row[0])


class _News:
    """What the updates have changed since somebody took it; `there` says that something is."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self._figures = Figures()
        self._changed: set[str] = set()
        self._whole = False

    async def read(self, updates: AsyncIterator[str]) -> None:
        """Take in updates until they end."""
        async for text in updates:
            update = _DECODER.decode(text)
            self._changed |= self._figures.apply(update)
            self._whole |= update.since is None
            if self._changed or self._whole:
                self.there.set()

    def take(self) -> tuple[list[ScopeFigures], frozenset[str] | None]:
        """Return the figures of the scopes that changed, and every scope where all were told."""
        self.there.clear()
        changed = self._figures.of(sorted(self._changed))
        whole = frozenset(self._figures.scopes) if self._whole else None
        self._changed, self._whole = set(), False
        return changed, whole
