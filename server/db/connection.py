"""Opens connections whose session is fit for Motcua, and says plainly when it cannot."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from server.errors import DatabaseAway

CONNECT_TIMEOUT_S = 5
"""Long enough for a busy server on a LAN, short enough to report an outage at once."""

VANISHED_AFTER_MS = 25_000
"""A database whose machine vanished without a word is noticed then, not after two hours."""


def session_conninfo(database_url: str) -> str:
    """Return connection parameters for a session in UTC that notices a vanished server."""
    return make_conninfo(
        database_url,
        connect_timeout=CONNECT_TIMEOUT_S,
        options="-c timezone=UTC -c application_name=motcua",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=VANISHED_AFTER_MS,
    )


def connect(database_url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """Return a connection; raise DatabaseAway with the server's own words when there is none."""
    try:
        return psycopg.connect(session_conninfo(database_url), autocommit=autocommit)
    except psycopg.Error as error:
        raise DatabaseAway(
            f"database {address(database_url)} cannot be reached: {one_line(error)}; "
            "check that PostgreSQL runs and that --database-url is right"
        ) from error


def address(database_url: str) -> str:
    """Return host:port/database of `database_url`, without its password."""
    try:
        parts = urlsplit(database_url)
        port = parts.port or 5432
    except ValueError:
        return "(unreadable URL)"
    return f"{parts.hostname or 'local socket'}:{port}{parts.path}"


def one_line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
