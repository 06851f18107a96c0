"""Runs an import: reads a file, stores it batch by batch, and reports what was not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import psycopg
from psycopg import AsyncConnection

from server.errors import TableUnreadable
from server.tabular.files import open_table
from server.tabular.records import Entry, Record, Row, RowReader
from server.tabular.refusals import Rejection, refuse
from server.tabular.tables import Table

T = TypeVar("T")

Store: TypeAlias = Callable[[AsyncConnection, Sequence[Entry[T]]], Awaitable[Sequence[Rejection]]]
"""Stores entries in the transaction that it is called in, and returns those that it left out."""

BATCH_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """One kind of import: what a record is, and how a batch of them is stored.

    `batch_rows` None gives `store` the whole file at once, for kinds whose rows depend on rows
    below them. `around` surrounds the batches where one transaction holds them all.
    """

    record: Record[T]
    store: Store[T]
    batch_rows: int | None = BATCH_ROWS
    around: Callable[[AsyncConnection], AbstractAsyncContextManager[None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is: rows read, and the share of the file that they are, 0..1."""

    rows: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told: of notices, of each rejected row with the titles above it, and of progress."""

    notice: Callable[[str], None]
    rejected: Callable[[Sequence[str], Row, Rejection], None]
    progress: Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a file's rows; `committed` tells whether `stored` rows are kept."""

    stored: int
    rejected: int
    committed: bool


Note: TypeAlias = Callable[[AsyncConnection, Report], Awaitable[None]]
"""Writes down what becomes of a file."""


async def import_file(
    connection: AsyncConnection,
    kind: Kind[Any],
    path: Path,
    watcher: Watcher,
    *,
    record: Note | None = None,
    keep_going: bool = False,
    dry_run: bool = False,
) -> Report:
    """Import `path` and return what became of it; the connection must be in autocommit.

    `record` notes the act in its transaction; with `keep_going` before the first batch and after
    the last.

    One transaction holds the whole file, and is undone when any row is rejected. With
    `keep_going` each batch is committed with the rows that are right. A dry run does everything
    and keeps nothing. Raises TableUnreadable.
    """
    together = dry_run or not keep_going
    with open_table(path, kind.record) as table:
        for notice in table.notices:
            watcher.notice(notice)
        run = _Run(connection, kind, table, watcher)
        if record is not None and not together:
            async with connection.transaction():
                await record(connection, run.report(committed=False))
        async with _maybe_transaction(connection, needed=together) as undo:
            try:
                async with _around(connection, kind, together=together):
                    await run.store_all()
            except TableUnreadable as error:
                if together:
                    raise
                raise TableUnreadable(f"{error}; {run.stored:,} rows above it are kept") from error
            committed = not dry_run and (keep_going or not run.rejected)
            if not committed and undo is not None:
                raise psycopg.Rollback(undo)
            if record is not None and committed:
                async with connection.transaction():
                    await record(connection, run.report(committed=True))
    return run.report(committed=committed)


class _Run:
    """One file on its way into the database, and how many of its rows went which way."""

    def __init__(
        self, connection: AsyncConnection, kind: Kind[Any], table: Table, watcher: Watcher
    ) -> None:
        self._connection, self._kind, self._table, self._watcher = connection, kind, table, watcher
        self._reader = RowReader(record=kind.record, titles=table.titles, places=table.places)
        self.stored = self.rejected = 0

    def report(self, *, committed: bool) -> Report:
        """Return what has become of the rows so far."""
        return Report(stored=self.stored, rejected=self.rejected, committed=committed)

    async def store_all(self) -> None:
        # The next rows are read in a thread while the database stores these: both have work.
        reading = asyncio.create_task(asyncio.to_thread(self._read))
        try:
            while (batch := await reading).rows:
                reading = asyncio.create_task(asyncio.to_thread(self._read))
                await self._store(batch)
                read = self.stored + self.rejected
                self._watcher.progress(Progress(rows=read, share=batch.share_read))
        finally:
            await asyncio.wait({reading})  # the file is closed next
            if not reading.cancelled():
                reading.exception()

    def _read(self) -> _Batch:
        rows = list(islice(self._table.rows, self._kind.batch_rows))
        read = [self._reader.read(row) for row in rows]
        return _Batch(rows=rows, read=read, share_read=self._table.share_read())

    async def _store(self, batch: _Batch) -> None:
        rejections = [each for each in batch.read if isinstance(each, Rejection)]
        async with self._connection.transaction():
            entries = [each for each in batch.read if isinstance(each, Entry)]
            left_out = await store_batch(self._connection, self._kind, entries)
        by_line = {row.line: row for row in batch.rows}
        rejections += [self._reader.titled(each, by_line[each.line]) for each in left_out]
        for rejection in sorted(rejections, key=lambda each: each.line):
            self._watcher.rejected(self._table.titles, by_line[rejection.line], rejection)
        self.rejected += len(rejections)
        self.stored += len(batch.rows) - len(rejections)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Rows of a file with what they say, and how much of the file has been read then, 0..1."""

    rows: Sequence[Row]
    read: Sequence[Entry[Any] | Rejection]
    share_read: float


async def store_batch(
    connection: AsyncConnection, kind: Kind[T], entries: Sequence[Entry[T]]
) -> list[Rejection]:
    """Store `entries` in the present transaction and return those that were left out.

    Where the database itself refuses the batch it is halved until the row is found that it refuses.
    """
    if not entries:
        return []
    try:
        async with connection.transaction():
            return list(await kind.store(connection, entries))
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        if len(entries) == 1:
            reason = error.diag.constraint_name or error.sqlstate  # its words may repeat a value
            return [entries[0].reject(refuse("refused_by_database", reason=reason))]
    half = len(entries) // 2
    first = await store_batch(connection, kind, entries[:half])
    return first + await store_batch(connection, kind, entries[half:])


def _around(
    connection: AsyncConnection, kind: Kind[Any], *, together: bool
) -> AbstractAsyncContextManager[None]:
    if kind.around is None or not together:
        return nullcontext()
    return kind.around(connection)


@asynccontextmanager
async def _maybe_transaction(
    connection: AsyncConnection, *, needed: bool
) -> AsyncIterator[psycopg.AsyncTransaction | None]:
    if not needed:
        yield None
        return
    transaction: AbstractAsyncContextManager[psycopg.AsyncTransaction] = connection.transaction()
    async with transaction as begun:
        yield begun
