"""Background jobs: procrastinate on the database that everything else uses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import TypeAlias

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from server.db.connection import session_conninfo
from server.db.pool import Database

MAKE_UP_S = 86_400.0
"""A nightly job that nobody was there to start is made up for at the next start within a day."""

LEFT_AFTER_S = 30.0
"""A worker that has not been heard for so long is gone: it says every ten seconds that it works."""

LEFT_LOOKED_EVERY_S = 10.0

EVERY_MINUTE = "* * * * *"

Recompute: TypeAlias = Callable[[AsyncConnection], Awaitable[bool]]
"""Computes one page of stale records anew and returns whether there was one."""

_CONNECTIONS = 2
"""For procrastinate itself: fetching and finishing jobs. Jobs have sessions of their own."""

_CONNECTION_WAIT_S = 2.0
"""The pool's own half a minute would pass before an outage is noticed, and again at its end."""

log = structlog.get_logger()


def create_app(database_url: str) -> App:
    """Return an App without tasks of ours; features register theirs on it, then it is opened."""
    connector = PsycopgConnector(
        conninfo=session_conninfo(database_url),
        min_size=1,
        max_size=_CONNECTIONS,
        timeout=_CONNECTION_WAIT_S,
        reconnect_timeout=_CONNECTION_WAIT_S,
    )
    return App(connector=connector, periodic_defaults={"max_delay": MAKE_UP_S})


async def release_left(app: App, after_s: float = LEFT_AFTER_S) -> int:
    """Give back the jobs under a lock whose worker was killed; return how many.

    A job that counts as being done keeps its lock: whatever waits for the lock would wait for ever.
    One whose successor waits already is given up in its favour. Jobs without a lock keep nobody
    waiting; who defers them knows whether they may be done again.
    """
    left = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=after_s)
    held = [job for job in left if job.lock is not None]
    for job in held:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    return len(held)


def nightly(at: time) -> str:
    """Return the cron line of `at` in local time; procrastinate reads cron lines as UTC."""
    # The zone has no summer time, so that any day gives the same answer.
    utc = datetime.combine(date(2026, 1, 1), at, LOCAL_TIME).utctimetuple()
    return f"{utc.tm_min} {utc.tm_hour} * * *"


def follow_changes(app: App, database: Database, room: str, recompute: Recompute) -> None:
    """Let `app` compute every minute what has become stale of a room's records, page by page."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name=f"{room}.recompute_stale", queueing_lock=f"{room}.recompute_stale")
    async def follow(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is what has changed
        pages = await recompute_all(database, recompute)
        if pages:
            log.info("recomputed", room=room, pages=pages)


async def recompute_all(database: Database, recompute: Recompute) -> int:
    """Compute anew, page by page in transactions of their own; return how many pages."""
    pages = 0
    while True:
        async with database.write() as connection:
            more = await recompute(connection)
        if not more:
            return pages
        pages += 1
