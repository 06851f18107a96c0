"""Background jobs of facts: hours whose attribution has changed are counted anew."""

from __future__ import annotations

import asyncio

import structlog
from procrastinate import App

from server.db.connection import session
from server.facts.recount import MOST_HOURS, recount_dirty

EVERY_MINUTE = "* * * * *"

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the tasks of facts to `app`."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="facts.recount_dirty", queueing_lock="facts.recount_dirty")
    async def recount(timestamp: int) -> None:
        del timestamp  # when it was due; whatever is marked by now is counted
        hours = await asyncio.to_thread(recount_all, database_url)
        if hours:
            log.info("hours_recounted", hours=hours)


def recount_all(database_url: str) -> int:
    """Count anew every marked hour, chunk by chunk, and return how many there were.

    Stopped in between, what is done is committed and the rest stays marked.
    """
    done = 0
    with session(database_url) as connection:
        while True:
            hours = recount_dirty(connection)
            done += hours
            if hours < MOST_HOURS:
                return done
