"""Background jobs: procrastinate on the database that everything else uses."""

from __future__ import annotations

from datetime import date, datetime, time

from procrastinate import App, PsycopgConnector

from contract.local_time import LOCAL_TIME
from server.db.connection import session_conninfo

MAKE_UP_S = 86_400.0
"""A nightly job that nobody was there to start is made up for at the next start within a day."""

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


def nightly(at: time) -> str:
    """Return the cron line of `at` in local time; procrastinate reads cron lines as UTC."""
    # The zone has no summer time, so that any day gives the same answer.
    utc = datetime.combine(date(2026, 1, 1), at, LOCAL_TIME).utctimetuple()
    return f"{utc.tm_min} {utc.tm_hour} * * *"
