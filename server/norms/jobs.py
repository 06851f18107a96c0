"""Background jobs of the norms: each night those of the months whose hours may still change."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time

import structlog
from procrastinate import App

from server.db.connection import session
from server.jobs import nightly
from server.norms.store import months_due, renew
from server.periods import Period, Step, today

RENEW_AT = time(1, 10)
"""Local time; offices are closed."""

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the task of the norms to `app`."""

    @app.periodic(cron=nightly(RENEW_AT))
    @app.task(name="norms.renew", queueing_lock="norms.renew")
    async def renew_norms(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the day now
        months = await asyncio.to_thread(renew_all, database_url, today(datetime.now(UTC)))
        log.info("norms_renewed", months=months)


def renew_all(database_url: str, day: date) -> int:
    """Compute the norms of the month of `day`, the one before, and those that have none.

    Rosters are corrected for the month before, seldom for earlier ones. Returns how many.
    """
    since = Period.of(Step.MONTH, day).previous().first
    assert since is not None
    with session(database_url) as connection:
        months = months_due(connection, since, day)
        for month in months:
            renew(connection, month)
    return len(months)
