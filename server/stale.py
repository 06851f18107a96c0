"""Records whose computed columns have become stale: computed anew every minute, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog
from procrastinate import App
from psycopg import AsyncConnection

from server.db.pool import Database

EVERY_MINUTE = "* * * * *"

Recompute: TypeAlias = Callable[[AsyncConnection], Awaitable[bool]]
"""Computes one page of stale records anew and returns whether more wait."""

log = structlog.get_logger()


def follow_changes(app: App, database: Database, room: str, recompute: Recompute) -> None:
    """Let `app` compute every minute what has become stale of a room's records, page by page."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name=f"{room}.recompute_stale", queueing_lock=f"{room}.recompute_stale")
    async def follow(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is what has changed
        pages = await recompute_all(database, recompute)
        if pages:
            log.info("recomputed", room=room, pages=pages)


async def recompute_all(database: Database, recompute: Recompute) -> int:
    """Compute anew, page by page in transactions of their own; return how many pages."""
    pages = 0
    while True:
        async with database.write() as connection:
            more = await recompute(connection)
        if not more:
            return pages
        pages += 1
