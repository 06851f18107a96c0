"""Opening the unit's SQLite file: its pragmas, its schema, and what a damaged one leads to."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from contract.problems import Problem
from edge.ballast import LOG_BYTES, lay_ballast
from edge.errors import StoreCorrupt, StoreError, StoreUnusable
from edge.salvage import keep_damaged, number_from_now, salvage, set_aside, unsalvaged
from edge.sql import BUSY_TIMEOUT_S, queries, transaction, translated

_PAGE_BYTES = 4096
_SCHEMA_VERSION = 1

log = structlog.get_logger()


def open_store(path: Path) -> sqlite3.Connection:
    """Return a connection to the store at `path`, which is made when missing.

    A damaged file is set aside beside it (`.salvaging-<time>`), its readable rows are carried over,
    at a later start where that was cut short; then it is kept (`.damaged-<time>`). Raises
    StoreUnusable, StoreBusy or OutboxFull.
    """
    with _alone(path), translated(path):
        try:
            connection = _open_sound(path)
        except StoreCorrupt as error:
            log.error("store_damaged", damage=str(error))  # noqa: TRY400
            set_aside(path)
            connection = _open_sound(path)
        try:
            for aside in unsalvaged(path):
                _carry_over(path, aside, connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _carry_over(path: Path, aside: Path, connection: sqlite3.Connection) -> None:
    """Salvage one file; when that fails the unit goes on, and the rows wait for a later start."""
    try:
        with translated(path):
            rows = salvage(aside, connection)
            kept = keep_damaged(path, aside)
    except StoreError as error:
        log.error("salvage_failed", file=str(aside), error=str(error))  # noqa: TRY400
        number_from_now(connection)
        return
    log.error(
        "store_salvaged",
        rows=rows,
        set_aside=str(kept),
        advice="check the power supply and the SD card; send the file to support",
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time open the store: two must not set the same file aside."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("a")
    except OSError as error:
        raise StoreUnusable(Problem.STORE_NOT_MADE.say(path=path, reason=error.strerror)) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_sound(path: Path) -> sqlite3.Connection:
    with translated(path):
        # Threads share the connection under the outbox's own lock.
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
            lay_ballast(path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL may forget the last commits when the power fails. A citizen has been
    # thanked for a rating by then, so each commit waits for the disk (FULL).
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES // _PAGE_BYTES}")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreCorrupt(Problem.STORE_DAMAGED.say(path=path, reason=verdict))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _SCHEMA_VERSION:
        raise StoreUnusable(
            Problem.STORE_TOO_NEW.say(path=path, schema=version, known_schema=_SCHEMA_VERSION)
        )
    if version < _SCHEMA_VERSION:
        _make_schema(connection)


def _make_schema(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for name, statement in queries().items():
            if name.startswith("schema_"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
