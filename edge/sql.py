"""The unit's named SQL statements, its transactions, and sqlite3's errors as the unit's own."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from contract.problems import Problem
from edge.errors import OutboxFull, StoreBusy, StoreCorrupt, StoreError, StoreUnusable

BUSY_TIMEOUT_S = 5.0
"""How long a process waits for the others' transactions, which last one fsync each."""

_PRIMARY_CODE = 0xFF
_NAMED = re.compile(r"^-- name: ([a-z_]+)\n", re.MULTILINE)


@functools.cache
def queries() -> Mapping[str, str]:
    """Return the statements of edge/store.sql by name."""
    text = resources.files("edge").joinpath("store.sql").read_text(encoding="utf-8")
    _, *parts = _NAMED.split(text)
    return MappingProxyType(dict(zip(parts[::2], parts[1::2], strict=True)))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into the unit's own: which file, and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path) from error
    except OSError as error:
        raise StoreUnusable(
            Problem.STORE_UNUSABLE.say(path=path, reason=error.strerror or error)
        ) from error


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


def _translate(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    match code:
        case sqlite3.SQLITE_FULL:
            return OutboxFull(Problem.DISK_FULL.say(path=path))
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreCorrupt(Problem.STORE_DAMAGED.say(path=path, reason=error))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(Problem.STORE_LOCKED.say(path=path, locked_s=round(BUSY_TIMEOUT_S)))
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            return StoreUnusable(Problem.STORE_UNUSABLE.say(path=path, reason=f"{error} ({name})"))
