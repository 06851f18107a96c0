"""Does the work of the worker for a test's reports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.db.pool import Database, PoolSettings
from server.jobs import create_app
from server.reports import jobs
from server.reports.settings import ReportSettings
from server.schemes.library import SchemeSettings, load_schemes
from tests.coroutines import run

T = TypeVar("T")


def make_what_waits(database_url: str, settings: ReportSettings | None = None) -> None:
    """Run the jobs of reports that are deferred, until there is none."""

    async def work(database: Database) -> None:
        app = create_app(database_url)
        jobs.register(app, database, settings or ReportSettings(), load_schemes(SchemeSettings()))
        async with app.open_async():
            await app.run_worker_async(
                queues=[jobs.QUEUE], wait=False, install_signal_handlers=False
            )

    with_database(database_url, work)


def with_database(database_url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Return what `work` returns with the worker's pool."""

    async def all_of_it() -> T:
        database = Database(database_url, PoolSettings(answer_s=30))
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return run(all_of_it())
