"""The SQLite file at which watch, kiosk and relay meet: opened, checked, read and written."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import structlog

from edge.errors import StoreCorrupt, StoreUnusable
from edge.salvage import salvage, set_aside
from edge.sql import BUSY_TIMEOUT_S, queries, transaction, translated

_JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024
_SCHEMA_VERSION = 1

Value: TypeAlias = bytes | float | int | str
Row: TypeAlias = tuple[Any, ...]

_T = TypeVar("_T")

log = structlog.get_logger()


class Store:
    """One connection for all threads of a process; several processes share the file.

    A damaged file is set aside, a fresh one takes its place and the work is repeated there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sql = queries()
        self._lock = threading.RLock()
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what is in it stays."""
        with self._lock:
            self._connection.close()

    def version(self) -> int:
        """Return a number that changes when another process has written: 7 µs, made for polling."""
        ((version,),) = self._guarded(
            lambda: self._connection.execute("PRAGMA data_version").fetchall()
        )
        # The number counts within one file: a fresh file must not look like the old one.
        return hash((self._file, version))

    def read(self, name: str, *values: Value) -> list[Row]:
        """Return the rows of the statement `name`."""
        return self._guarded(lambda: self.execute(name, *values).fetchall())

    def write(self, work: Callable[[], _T]) -> _T:
        """Return what `work` returns, run in one transaction that is on disk afterwards.

        `work` may run a second time, in a fresh file.
        """

        def commit() -> _T:
            with transaction(self._connection):
                return work()

        with self._lock:
            result = self._guarded(commit)
            # Another process may have set the file aside while this one was writing to it.
            return self._guarded(commit) if self._is_replaced() else result

    def execute(self, name: str, *values: Value) -> sqlite3.Cursor:
        """Run the statement `name`; only for work inside `write`."""
        return self._connection.execute(self._sql[name], values)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        with self._lock:
            if self._is_replaced():
                self._reopen()
            try:
                with translated(self._path):
                    return work()
            except StoreCorrupt:
                self._reopen()
                with translated(self._path):
                    return work()

    def _open(self) -> None:
        self._connection = open_store(self._path)
        status = self._path.stat()
        self._file = (status.st_dev, status.st_ino)

    def _reopen(self) -> None:
        # SQLite sees that a renamed file has moved and leaves the fresh one's log alone.
        self._connection.close()
        self._open()

    def _is_replaced(self) -> bool:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return True
        return (status.st_dev, status.st_ino) != self._file


def open_store(path: Path) -> sqlite3.Connection:
    """Return a connection to the store at `path`, which is made when missing.

    A damaged file is set aside beside it (`.damaged-<time>`), its readable rows are carried over
    and a line is logged. Raises StoreUnusable or StoreBusy.
    """
    with _alone(path):
        try:
            return _open_sound(path)
        except StoreCorrupt as error:
            damage = str(error)
        aside = set_aside(path)
        connection = _open_sound(path)
        log.error(
            "store_damaged",
            path=str(path),
            damage=damage,
            set_aside=str(aside),
            rows_salvaged=salvage(aside, connection),
            advice="check the power supply and the SD card; send the file to support",
        )
        return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time open the store: two must not set the same file aside."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("a")
    except OSError as error:
        raise StoreUnusable(
            f"store {path} cannot be made: {error.strerror}; check [store] path and its permissions"
        ) from error
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
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL may forget the last commits when the power fails. A citizen has been
    # thanked for a rating by then, so each commit waits for the disk (FULL).
    connection.execute("PRAGMA synchronous = FULL")
    # The log keeps these bytes after a burst: deleting acknowledged rows then needs no new disk
    # space, which is what frees a disk that is full.
    connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_LIMIT_BYTES}")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreCorrupt(f"store {path} is damaged: {verdict}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _SCHEMA_VERSION:
        raise StoreUnusable(
            f"store {path} was written by a newer release (schema {version}, this release knows "
            f"{_SCHEMA_VERSION}): install that release again or move the file away"
        )
    if version < _SCHEMA_VERSION:
        _make_schema(connection)


def _make_schema(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for name, statement in queries().items():
            if name.startswith("schema_"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
