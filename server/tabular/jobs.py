"""Background jobs of batches: keys that nobody will send again are forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import structlog
from procrastinate import App

from server.db.pool import Database
from server.jobs import nightly
from server.tabular.batches import KEPT_DAYS, purge_answers

PURGE_AT = time(2, 40)
"""Local time; offices are closed."""

log = structlog.get_logger()


def register(app: App, database: Database) -> None:
    """Add the tasks of batches to `app`."""

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="tabular.purge_answers", queueing_lock="tabular.purge_answers")
    async def purge(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the age now
        async with database.write() as connection:
            answers = await purge_answers(connection, datetime.now(UTC) - timedelta(days=KEPT_DAYS))
        if answers:
            log.info("batch_answers_purged", answers=answers)
