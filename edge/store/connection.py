"""A process's connection to the store: reads, durable writes, and a file replaced meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from edge.errors import OutboxFull, StoreCorrupt
from edge.store.database import open_database
from edge.store.reserve_file import create_reserve_file, delete_reserve_file
from edge.store.sqlite import store_errors, store_statements, transaction

Value: TypeAlias = bytes | float | int | str
Row: TypeAlias = tuple[Any, ...]

_T = TypeVar("_T")


class StoreConnection:
    """One connection for all threads of a process; several processes share the file.

    A damaged file is moved aside, a fresh one takes its place and the work is repeated there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sql = store_statements()
        self._lock = threading.RLock()
        self._file: tuple[int, int] | None = None
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

    def write(self, work: Callable[[], _T], *, frees: bool = False) -> _T:
        """Return what `work` returns, run in one transaction that is on disk afterwards.

        `work` may run a second time, in a fresh file. Where it `frees` space and the disk is full,
        the reserve file is deleted first.
        """

        def commit() -> _T:
            with transaction(self._connection):
                return work()

        with self._lock, store_errors(self._path):
            try:
                result = self._guarded(commit)
            except OutboxFull as error:
                by_policy = not isinstance(error.__cause__, sqlite3.Error)
                if by_policy or not self._make_room(frees=frees):
                    raise
                result = self._guarded(commit)
            if frees:
                create_reserve_file(self._path)
            # Another process may have moved the file aside while this one was writing to it.
            return self._guarded(commit) if self._is_replaced() else result

    def execute(self, name: str, *values: Value) -> sqlite3.Cursor:
        """Run the statement `name`; only for work inside `write`."""
        return self._connection.execute(self._sql[name], values)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        with self._lock, store_errors(self._path):
            if self._is_replaced():
                self._reopen()
            try:
                with store_errors(self._path):
                    return work()
            except StoreCorrupt:
                self._reopen()
                return work()

    def _make_room(self, *, frees: bool) -> bool:
        """Return whether something could be done about a full disk."""
        dropped = frees and delete_reserve_file(self._path)
        return self._empty_log() or dropped

    def _empty_log(self) -> bool:
        """Make the write-ahead log reusable from its start; SQLite does so after commits only."""
        try:
            ((busy, _, _),) = self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except sqlite3.Error:
            return False
        return not busy

    def _open(self) -> None:
        self._connection = open_database(self._path)
        status = self._path.stat()
        self._file = (status.st_dev, status.st_ino)

    def _reopen(self) -> None:
        # SQLite sees that a renamed file has moved and leaves the fresh one's log alone.
        self._connection.close()
        self._file = None  # should opening fail, the next call tries again
        self._open()

    def _is_replaced(self) -> bool:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return True
        return (status.st_dev, status.st_ino) != self._file
