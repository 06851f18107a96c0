"""The store's SQL statements and transactions, and SQLite's errors as the store's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

from contract.problems import ProblemCode, report
from edge.errors import OutboxFull, StoreBusy, StoreCorrupt, StoreError, StoreUnusable
from runtime.sql import statements

BUSY_TIMEOUT_S = 5.0
"""How long a process waits for the others' transactions, which last one fsync each."""

_PRIMARY_CODE = 0xFF


def store_statements() -> Mapping[str, LiteralString]:
    """Return the statements of store.sql by name."""
    return statements("edge.store", "store.sql")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite and the system as StoreErrors that name the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path) from error
    except OSError as error:
        reason = error.strerror or error
        raise StoreUnusable(report(ProblemCode.STORE_UNUSABLE, path=path, reason=reason)) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock from the start, so that what was read stays true until COMMIT."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _store_error(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    match code:
        case sqlite3.SQLITE_FULL:
            return OutboxFull(report(ProblemCode.DISK_FULL, path=path))
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreCorrupt(report(ProblemCode.STORE_DAMAGED, path=path, reason=error))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            locked_s = round(BUSY_TIMEOUT_S)
            return StoreBusy(report(ProblemCode.STORE_LOCKED, path=path, locked_s=locked_s))
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            reason = f"{error} ({name})"
            return StoreUnusable(report(ProblemCode.STORE_UNUSABLE, path=path, reason=reason))
