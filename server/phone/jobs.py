"""Background jobs of telephones: comments and what was sent long ago are removed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import LiteralString

import structlog
from procrastinate import App

from runtime.sql import statements
from server.db.pool import Database
from server.devices.settings import PhoneSettings
from server.jobs import nightly

PURGE_AT = time(2, 40)
"""Local time; offices are closed."""

KEEP_RATINGS = timedelta(days=400)
"""As long as ratings as they came are kept."""

PAGE_ROWS = 500

_SQL = statements("server.phone", "phone.sql")

log = structlog.get_logger()


def register(app: App, database: Database, settings: PhoneSettings) -> None:
    """Add the tasks to `app`."""

    # No lock: a worker that is killed would keep it. Two purges at once do no harm.
    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="phone.purge", queueing_lock="phone.purge")
    async def purge(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the age now
        now = datetime.now(UTC)
        comments, ratings = await purge_old(database, settings, now)
        log.info("phone_ratings_purged", comments=comments, ratings=ratings)


async def purge_old(database: Database, settings: PhoneSettings, now: datetime) -> tuple[int, int]:
    """Remove what is too old at `now`; return how many comments and how many ratings it was."""
    old = now - timedelta(days=settings.keep_comments_days)
    comments = await _purge(database, _SQL["purge_comments"], old)
    return comments, await _purge(database, _SQL["purge_ratings"], now - KEEP_RATINGS)


async def _purge(database: Database, statement: LiteralString, before: datetime) -> int:
    removed = 0
    while True:
        async with database.write() as connection:
            cursor = await connection.execute(statement, {"before": before, "limit": PAGE_ROWS})
        removed += cursor.rowcount
        if cursor.rowcount < PAGE_ROWS:
            return removed
