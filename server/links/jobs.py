"""Background jobs of links: found anew where something was told since, removed with raw rows."""

from __future__ import annotations

import asyncio
from datetime import time

import structlog
from procrastinate import App

from server.db.connection import session
from server.jobs import nightly
from server.links.store import MOST_DAYS, purge, relink_due

EVERY_FIVE_MINUTES = "*/5 * * * *"
"""A unit's whole day is read for one new message: more often would cost more than it tells."""

PURGE_AT = time(2, 50)
"""Local time; offices are closed."""

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the tasks of links to `app`."""

    @app.periodic(cron=EVERY_FIVE_MINUTES)
    @app.task(name="links.relink_due", queueing_lock="links.relink_due")
    async def relink(timestamp: int) -> None:
        del timestamp  # when it was due; whatever is marked by now is linked
        days = await asyncio.to_thread(relink_all, database_url)
        if days:
            log.info("days_relinked", days=days)

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="links.purge", queueing_lock="links.purge")
    async def forget(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the horizon of raw rows
        links = await asyncio.to_thread(purge_all, database_url)
        if links:
            log.info("links_purged", links=links)


def relink_all(database_url: str) -> int:
    """Find the links of every marked day anew, part by part, and return how many there were.

    Stopped in between, what is done is committed and the rest stays marked.
    """
    done = 0
    with session(database_url) as connection:
        while True:
            days = relink_due(connection)
            done += days
            if days < MOST_DAYS:
                return done


def purge_all(database_url: str) -> int:
    """Remove the links whose raw rows are gone."""
    with session(database_url) as connection:
        return purge(connection)
