"""Background jobs of the audit log: a link each minute, and the end of what is old."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import structlog
from procrastinate import App
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.audit.chain import add_link, purge
from server.db.pool import Database
from server.jobs import nightly

PURGE_AT = time(2, 50)
"""Local time; offices are closed."""

log = structlog.get_logger()


class AuditSettings(BaseSettings):
    """Read from the environment as MOTCUA_AUDIT_KEEP_DAYS."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_AUDIT_", frozen=True)

    keep_days: float = Field(
        default=1827.0,
        ge=365,
        le=36_500,
        description="Days after which audit entries are removed, five years.",
    )


def register(app: App, database: Database, settings: AuditSettings) -> None:
    """Add the audit log's tasks to `app`."""

    @app.periodic(cron="* * * * *")
    @app.task(name="audit.link", queueing_lock="audit.link")
    async def link(timestamp: int) -> None:
        del timestamp  # when it was due: a late link holds whatever came until now
        async with database.write() as connection:
            made = await add_link(connection, datetime.now(UTC))
        if made is not None:
            # Whoever keeps the log elsewhere can tell later that the chain was not made anew.
            log.info("audit_linked", number=made.number, link=made.link.hex(), last=made.last)

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="audit.purge", queueing_lock="audit.purge")
    async def purge_old(timestamp: int) -> None:
        del timestamp
        now = datetime.now(UTC)
        async with database.write() as connection:
            removed = await purge(connection, now - timedelta(days=settings.keep_days), now)
        if removed:
            log.info("audit_purged", entries=removed)
