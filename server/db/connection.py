"""Opens connections whose session is fit for Motcua, and says plainly when it cannot."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from runtime.listening import in_url
from runtime.sql import statements
from server.db.read_only import why_read_only
from server.errors import (
    ConfigurationError,
    DatabaseAway,
    DatabaseReadOnly,
    DatabaseRefused,
    DatabaseUnfit,
)

CONNECT_TIMEOUT_S = 5
"""Long enough for a busy server on a LAN, short enough to report an outage at once."""

VANISHED_AFTER_MS = 25_000
"""A database whose machine vanished without a word is noticed then, not after two hours."""

_OPTIONS = "-c timezone=UTC -c application_name=motcua -c jit=off"
"""No statement of ours runs long enough for its compilation to pay."""
_MEMORY = "-c work_mem=16MB"
"""Histograms of every unit by quarter are added without temporary files; what is given counts."""
_POOLERS_REFUSAL = "unsupported startup parameter"
"""How PgBouncer refuses a session's options; PostgreSQL never says so of them."""

_SQL = statements("server.db", "connection.sql")


def session_conninfo(database_url: str) -> str:
    """Return connection parameters for a session in UTC and UTF-8 that notices a vanished server.

    Options that `database_url`, or else the environment, gives the session are kept beside ours.
    ConfigurationError when `database_url` is none; it repeats no part of it, for what is misread
    may be the password.
    """
    parts = _parts(database_url)
    if parts is None:
        raise ConfigurationError(
            "--database-url cannot be read; expected postgresql://user:password@host:port/database"
            " with special characters percent-encoded (%2F for /, %40 for @)"
        )
    given = parts.get("options") or os.environ.get("PGOPTIONS")
    return make_conninfo(
        database_url,
        connect_timeout=CONNECT_TIMEOUT_S,
        client_encoding="UTF8",
        options=" ".join(
            filter(None, (_MEMORY, given, _OPTIONS))
        ),  # of two that differ the last counts
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=VANISHED_AFTER_MS,
    )


def connect(database_url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """Return a connection; raise DatabaseAway with the server's own words when there is none.

    Raises DatabaseUnfit where a connection pooler answers in PostgreSQL's place.
    """
    with _reached(database_url):
        connection = psycopg.connect(session_conninfo(database_url), autocommit=True)
        pooled = _is_pooled(connection)
    if pooled:
        connection.close()
        raise _pooled(database_url)
    connection.autocommit = autocommit
    return connection


@contextmanager
def session(database_url: str) -> Iterator[psycopg.Connection]:
    """Give an autocommit connection for one command; what fails in it becomes a ServerError."""
    with (
        connect(database_url, autocommit=True) as connection,
        _translated(database_url, connection),
    ):
        yield connection


@asynccontextmanager
async def async_session(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Give what `session` gives, for work that routes share: they have asynchronous connections."""
    with _reached(database_url):
        connection = await AsyncConnection.connect(session_conninfo(database_url), autocommit=True)
    async with connection:
        with _translated(database_url, connection):
            row = await (await connection.execute(_SQL["backend"])).fetchone()
            if row is None or row[0] != connection.info.backend_pid:
                raise _pooled(database_url)
            yield connection


@contextmanager
def _reached(database_url: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if _POOLERS_REFUSAL in str(error):
            raise _pooled(database_url) from error
        raise DatabaseAway(
            f"database {address(database_url)} cannot be reached: {one_line(error)}; "
            "check that PostgreSQL runs and that --database-url is right"
        ) from error


def _is_pooled(connection: psycopg.Connection) -> bool:
    """Return whether the process that answers is not the one that greeted us, as poolers do."""
    try:
        row = connection.execute(_SQL["backend"]).fetchone()
    except psycopg.Error:
        connection.close()
        raise
    assert row is not None
    return bool(row[0] != connection.info.backend_pid)


def _pooled(database_url: str) -> DatabaseUnfit:
    return DatabaseUnfit(
        f"database {address(database_url)} is behind a connection pooler (such as PgBouncer), "
        "which shares sessions that Motcua needs for itself; "
        "name PostgreSQL's own address in --database-url"
    )


@contextmanager
def _translated(
    database_url: str, connection: psycopg.Connection | AsyncConnection
) -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise DatabaseAway(
            f"database {address(database_url)} broke off: {one_line(error)}; "
            "run the command again when it is back"
        ) from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        because = why_read_only(connection) or one_line(error)
        raise DatabaseReadOnly(f"database {address(database_url)}: {because}") from error
    except psycopg.Error as error:
        raise DatabaseRefused(
            f"database {address(database_url)} refused: {one_line(error)}; "
            "check the rights of the role that --database-url names"
        ) from error


def address(database_url: str) -> str:
    """Return host:port/database of `database_url`, without its password."""
    parts = _parts(database_url)
    if parts is None:
        return "(unreadable URL)"
    host = parts.get("host") or parts.get("hostaddr") or "local socket"
    shown = ",".join(map(in_url, host.split(",")))
    return f"{shown}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


def one_line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _parts(database_url: str) -> dict[str, str] | None:
    """Return what libpq reads in `database_url`, None when it cannot.

    A port that is no number is what an unquoted / in a password leaves behind.
    """
    try:
        parts = conninfo_to_dict(database_url)
    except psycopg.Error:
        return None
    read = {name: str(value) for name, value in parts.items() if value is not None}
    ports = read.get("port", "5432").split(",")
    return read if all(port.isdecimal() and int(port) < 2**16 for port in ports) else None
