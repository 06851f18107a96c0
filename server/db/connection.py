"""Opens connections whose session is fit for Motcua, and says plainly when it cannot."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg

from server.errors import DatabaseAway

CONNECT_TIMEOUT_S = 5
"""Long enough for a busy server on a LAN, short enough to report an outage at once."""

SESSION_OPTIONS = "-c timezone=UTC -c application_name=motcua"


def connect(database_url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """Return a connection; raise DatabaseAway with the server's own words when there is none."""
    try:
        return psycopg.connect(
            database_url,
            autocommit=autocommit,
            connect_timeout=CONNECT_TIMEOUT_S,
            options=SESSION_OPTIONS,
        )
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
