"""Background jobs: procrastinate on the database that everything else uses."""

from __future__ import annotations

from datetime import date, datetime, time

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from contract.local_time import LOCAL_TIME
from server.db.connection import session_conninfo

MAKE_UP_S = 86_400.0
"""A nightly job that nobody was there to start is made up for at the next start within a day."""

LEFT_AFTER_S = 30.0
"""A worker that has not been heard for so long is gone: it says every ten seconds that it works."""

LEFT_LOOKED_EVERY_S = 10.0

_CONNECTIONS = 2
"""For procrastinate itself: fetching and finishing jobs. Jobs have sessions of their own."""

_CONNECTION_WAIT_S = 2.0
"""The pool's own half a minute would pass before an outage is noticed, and again at its end."""


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
