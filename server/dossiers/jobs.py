"""Background jobs of dossiers: their states follow calendars, procedures and units that change."""

from __future__ import annotations

import structlog
from procrastinate import App

from server.db.pool import Database
from server.dossiers.store import recompute_stale

EVERY_MINUTE = "* * * * *"

log = structlog.get_logger()


def register(app: App, database: Database) -> None:
    """Add the dossiers' tasks to `app`."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="dossiers.recompute_stale", queueing_lock="dossiers.recompute_stale")
    async def follow(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is what has changed
        pages = await recompute_all(database)
        if pages:
            log.info("dossiers_recomputed", pages=pages)


async def recompute_all(database: Database) -> int:
    """Compute states anew, page by page in transactions of their own; return how many pages."""
    pages = 0
    while True:
        async with database.write() as connection:
            more = await recompute_stale(connection)
        if not more:
            return pages
        pages += 1
