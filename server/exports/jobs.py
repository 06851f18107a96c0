"""Background jobs of exports: files that were asked for are written, and purged after a week."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from pathlib import Path

import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import AsyncConnection, IsolationLevel

from contract.texts import Language
from server.db.connection import session
from server.db.pool import Database
from server.db.viewers import ITSELF, NOBODY
from server.errors import DatabaseAway, NotFound, RequestInvalid, ServerError
from server.exports import store
from server.exports.exports import KEPT_DAYS, Dataset, Export
from server.exports.flat import FlatFigure, flatten
from server.exports.hours import read_hours
from server.exports.questions import months_of, question_of
from server.exports.writing import write_figures, write_hours
from server.jobs import nightly
from server.periods import Period, today
from server.readings.store import read_readings
from server.scopes import Scope
from server.units.store import read_tree

QUEUE = "exports"
"""A queue of its own: a long file keeps no other job waiting."""

LOOKED_EVERY_S = 1.0
"""How soon a file that was asked for is begun."""

PURGE_AT = time_of_day(2, 50)
"""Local time; offices are closed."""

_TASK = "exports.write"

log = structlog.get_logger()


def register(app: App, database: Database, database_url: str) -> None:
    """Add the tasks of exports to `app`."""

    @app.task(name=_TASK, queue=QUEUE)
    async def write(export: str) -> None:
        await write_export(database, database_url, uuid.UUID(export))

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="exports.purge", queueing_lock="exports.purge")
    async def purge(timestamp: int) -> None:
        del timestamp  # when it was due; what counts is the age now
        async with database.write() as connection:
            before = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
            removed = await store.purge_exports(connection, before)
        if removed:
            log.info("exports_purged", exports=removed)


class Waiting:
    """Has what was asked for written: the API itself may not queue jobs."""

    def __init__(self, app: App, database: Database) -> None:
        self._app = app
        self._database = database

    async def run(self) -> None:
        """Work until cancelled, or until the database goes away (DatabaseAway)."""
        while True:
            for export in await self._database.ask(store.waiting, viewer=ITSELF):
                task = self._app.configure_task(_TASK, queueing_lock=str(export), queue=QUEUE)
                try:
                    await task.defer_async(export=str(export))
                except AlreadyEnqueued:
                    continue
            await asyncio.sleep(LOOKED_EVERY_S)


async def write_export(database: Database, database_url: str, id_: uuid.UUID) -> None:
    """Write a file that waits; one that another has begun is left to it."""
    async with database.write() as connection:
        export = await store.begin(connection, id_)
    if export is None:
        return
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="motcua-export-") as folder:
        path = Path(folder, export.file_name)
        try:
            entries = await _write(database, database_url, export, path)
        except DatabaseAway:
            raise  # it is begun again once nobody can be at it any more
        except ServerError as error:
            because = str(error)
            if not isinstance(error, RequestInvalid | NotFound):
                log.exception("export_failed", export=str(id_))
                because = (
                    "the server could not write it; export_failed in the worker's log says why"
                )
            async with database.write() as connection:
                await store.fail(connection, id_, because)
            return
        await asyncio.to_thread(_keep, database_url, id_, path, entries)
    took_s = round(time.monotonic() - began_s, 1)
    log.info("export_written", dataset=export.dataset, entries=entries, took_s=took_s)


async def _write(database: Database, database_url: str, export: Export, path: Path) -> int:
    if export.dataset is Dataset.FIGURES:
        read = partial(_figures, export)
        figures = await database.ask(read, viewer=NOBODY, within_s=store.LONGEST_S)
        return await asyncio.to_thread(write_figures, path, export.format, figures)
    units = await database.ask(partial(_units, export), viewer=NOBODY)
    return await asyncio.to_thread(_write_hours, database_url, export, units, path)


async def _figures(export: Export, connection: AsyncConnection) -> list[FlatFigure]:
    now = datetime.now(UTC)
    tree = await read_tree(connection, today(now))
    found: list[FlatFigure] = []
    for question in question_of(export, now):
        readings = await read_readings(connection, question, now)
        found += flatten(readings, tree, Language(export.language))
    return found


async def _units(export: Export, connection: AsyncConnection) -> frozenset[str] | None:
    scope = Scope.parse(export.scope)
    if scope.unit is None:
        return None
    tree = await read_tree(connection, today(datetime.now(UTC)))
    return frozenset(tree.below(scope.unit))


def _write_hours(
    database_url: str, export: Export, units: frozenset[str] | None, path: Path
) -> int:
    months = months_of(Period.parse(export.period, datetime.now(UTC)))
    with session(database_url) as connection:
        # Numbers stand for counters, whatever is registered meanwhile.
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            return write_hours(path, export.format, read_hours(connection, months, units))


def _keep(database_url: str, id_: uuid.UUID, path: Path, entries: int) -> None:
    with session(database_url) as connection:
        store.keep_file(connection, id_, path, entries)
