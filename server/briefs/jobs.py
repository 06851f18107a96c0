"""The background jobs of the daily brief."""

from __future__ import annotations

from datetime import UTC, datetime, time

from procrastinate import App

from server.briefs import mails
from server.db.pool import Database
from server.jobs import nightly
from server.reports.settings import ReportSettings

QUEUE = "briefs"
PURGE_AT = time(3, 15)
_EVERY_MINUTE = "* * * * *"


def register(app: App, database: Database, settings: ReportSettings) -> None:
    """Add the tasks of briefs to `app`; without a mail server none is sent."""

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="briefs.purge", queueing_lock="briefs.purge")
    async def purge(timestamp: int) -> None:
        del timestamp
        async with database.write() as connection:
            await mails.purge_briefs(connection, datetime.now(UTC))

    if not settings.smtp_host:
        return

    @app.periodic(cron=_EVERY_MINUTE)
    @app.task(name="briefs.mail", queue=QUEUE, queueing_lock="briefs.mail", lock="briefs.mail")
    async def mail(timestamp: int) -> None:
        del timestamp
        await mails.plan_briefs(database, settings, datetime.now(UTC))
        while await mails.send_next(database, settings, datetime.now(UTC)):
            pass
