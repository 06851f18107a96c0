"""Background jobs of complaints: their deadlines follow calendars and units that change."""

from __future__ import annotations

import structlog
from procrastinate import App

from server.complaints.following import recompute_stale
from server.db.pool import Database

EVERY_MINUTE = "* * * * *"

log = structlog.get_logger()


def register(app: App, database: Database) -> None:
    """Add the complaints' tasks to `app`."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="complaints.recompute_stale", queueing_lock="complaints.recompute_stale")
    async def follow(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is what has changed
        pages = await recompute_all(database)
        if pages:
            log.info("complaints_recomputed", pages=pages)


async def recompute_all(database: Database) -> int:
    """Compute deadlines anew, page by page in transactions of their own; return how many pages."""
    pages = 0
    while True:
        async with database.write() as connection:
            more = await recompute_stale(connection)
        if not more:
            return pages
        pages += 1
