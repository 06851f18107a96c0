"""Opens the store's SQLite file: pragmas, schema, and recovery of a damaged file."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from contract.problems import ProblemCode, report
from edge.errors import StoreCorrupt, StoreError, StoreUnusable
from edge.store.recovery import (
    keep_damaged,
    move_aside,
    recover_rows,
    start_above_used_numbers,
    unrecovered_files,
)
from edge.store.reserve_file import LOG_BYTES, create_reserve_file
from edge.store.sqlite import BUSY_TIMEOUT_S, store_errors, store_statements, transaction

_PAGE_BYTES = 4096
_SCHEMA_VERSION = 2

log = structlog.get_logger()


def open_database(path: Path) -> sqlite3.Connection:
    """Return a connection to the store at `path`, which is made when missing.

    A damaged file is renamed to `.recovering-<time>` and its readable rows are copied into a fresh
    one, at a later start where that was interrupted; then it is kept as `.damaged-<time>`. Raises
    StoreUnusable, StoreBusy or OutboxFull.
    """
    with _opening_lock(path), store_errors(path):
        try:
            connection = _open_checked(path)
        except StoreCorrupt as error:
            log.error("store_damaged", damage=str(error))  # noqa: TRY400
            move_aside(path)
            connection = _open_checked(path)
        try:
            for damaged in unrecovered_files(path):
                _recover(path, damaged, connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _recover(path: Path, damaged: Path, connection: sqlite3.Connection) -> None:
    """Recover one file; when that fails, its rows wait there for a later start."""
    try:
        with store_errors(path):
            rows = recover_rows(damaged, connection)
            kept = keep_damaged(path, damaged)
    except StoreError as error:
        log.error("recovery_failed", file=str(damaged), error=str(error))  # noqa: TRY400
        start_above_used_numbers(connection)
        return
    log.error(
        "store_recovered",
        rows=rows,
        damaged_file=str(kept),
        advice="check the power supply and the SD card; send the file to support",
    )


@contextmanager
def _opening_lock(path: Path) -> Iterator[None]:
    """Let one process at a time open the store: two must not move the same file aside."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("a")
    except OSError as error:
        raise StoreUnusable(
            report(ProblemCode.STORE_NOT_MADE, path=path, reason=error.strerror)
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_checked(path: Path) -> sqlite3.Connection:
    with store_errors(path):
        # Threads share the connection under the outbox's own lock.
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
            create_reserve_file(path)
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
        raise StoreCorrupt(report(ProblemCode.STORE_DAMAGED, path=path, reason=verdict))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _SCHEMA_VERSION:
        raise StoreUnusable(
            report(
                ProblemCode.STORE_TOO_NEW, path=path, schema=version, known_schema=_SCHEMA_VERSION
            )
        )
    if version < _SCHEMA_VERSION:
        _make_schema(connection)


def _make_schema(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for name, statement in store_statements().items():
            if name.startswith("schema_"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
