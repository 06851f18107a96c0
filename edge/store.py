"""The SQLite file at which watch, kiosk and relay meet: opened, checked, read and written."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from edge.ballast import drop_ballast, lay_ballast
from edge.errors import OutboxFull, StoreCorrupt
from edge.opening import open_store
from edge.sql import queries, transaction, translated

Value: TypeAlias = bytes | float | int | str
Row: TypeAlias = tuple[Any, ...]

_T = TypeVar("_T")


class Store:
    """One connection for all threads of a process; several processes share the file.

    A damaged file is set aside, a fresh one takes its place and the work is repeated there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sql = queries()
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

        `work` may run a second time, in a fresh file. One that `frees` space may use the ballast
        when the disk is full.
        """

        def commit() -> _T:
            with transaction(self._connection):
                return work()

        with self._lock, translated(self._path):
            try:
                result = self._guarded(commit)
            except OutboxFull as error:
                by_policy = not isinstance(error.__cause__, sqlite3.Error)
                if by_policy or not self._make_room(frees=frees):
                    raise
                result = self._guarded(commit)
            if frees:
                lay_ballast(self._path)
            # Another process may have set the file aside while this one was writing to it.
            return self._guarded(commit) if self._is_replaced() else result

    def execute(self, name: str, *values: Value) -> sqlite3.Cursor:
        """Run the statement `name`; only for work inside `write`."""
        return self._connection.execute(self._sql[name], values)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        with self._lock, translated(self._path):
            if self._is_replaced():
                self._reopen()
            try:
                with translated(self._path):
                    return work()
            except StoreCorrupt:
                self._reopen()
                return work()

    def _make_room(self, *, frees: bool) -> bool:
        """Return whether something could be done about a full disk."""
        dropped = frees and drop_ballast(self._path)
        return self._empty_log() or dropped

    def _empty_log(self) -> bool:
        """Start the log anew in its own bytes: SQLite does that by itself only after a commit."""
        try:
            ((busy, _, _),) = self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except sqlite3.Error:
            return False
        return not busy

    def _open(self) -> None:
        self._connection = open_store(self._path)
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
