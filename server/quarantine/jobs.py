"""Background jobs of the quarantine: what was replayed long ago is removed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import structlog
from procrastinate import App
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.sql import statements
from server.db.pool import Database
from server.jobs import nightly

PURGE_AT = time(2, 30)
"""Local time; offices are closed."""

PAGE_ROWS = 500

_SQL = statements("server.quarantine", "quarantine.sql")

log = structlog.get_logger()


class QuarantineSettings(BaseSettings):
    """Read from the environment as MOTCUA_QUARANTINE_KEEP_REPLAYED_DAYS."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_QUARANTINE_", frozen=True)

    keep_replayed_days: float = Field(
        default=90.0,
        ge=0,
        le=36_500,
        description="Days after which a replayed message is removed; what waits for its replay "
        "stays.",
    )


def register(app: App, database: Database, settings: QuarantineSettings) -> None:
    """Add the quarantine's tasks to `app`."""

    # No lock: a worker that is killed would keep it. Two purges at once do no harm.
    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="quarantine.purge_replayed", queueing_lock="quarantine.purge_replayed")
    async def purge(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the age now
        before = datetime.now(UTC) - timedelta(days=settings.keep_replayed_days)
        rows = await purge_replayed(database, before)
        log.info("quarantine_purged", rows=rows)


async def purge_replayed(
    database: Database, before: datetime, *, page_rows: int = PAGE_ROWS
) -> int:
    """Remove what was replayed before `before`, page by page, and return how many rows it was."""
    removed = 0
    while True:
        async with database.write() as connection:
            cursor = await connection.execute(
                _SQL["purge_replayed"], {"before": before, "limit": page_rows}
            )
        removed += cursor.rowcount
        if cursor.rowcount < page_rows:
            return removed
