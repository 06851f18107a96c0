"""The nightly purge: replayed long ago is removed, all else stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from server.db.pool import Database, PoolSettings
from server.jobs import create_app
from server.quarantine.jobs import QuarantineSettings, purge_replayed, register
from tests import coroutines

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def keep(connection: psycopg.Connection, *replayed_days_ago: float | None) -> None:
    """Fill the quarantine with a row for each age; None was never replayed."""
    for number, days in enumerate(replayed_days_ago):
        at = None if days is None else NOW - timedelta(days=days)
        connection.execute(
            "INSERT INTO quarantine (digest, topic, payload, payload_bytes, refusal, reason,"
            " received_at, replayed_at) VALUES (%s, 't', '', 0, 'schema', 'r', %s, %s)",
            [number.to_bytes(4), NOW - timedelta(days=400), at],
        )


def kept(connection: psycopg.Connection) -> list[int]:
    rows = connection.execute("SELECT digest FROM quarantine ORDER BY digest").fetchall()
    return [int.from_bytes(digest) for (digest,) in rows]


def purge(url: str, before: datetime, **how: int) -> int:
    async def tell() -> int:
        database = Database(url, PoolSettings())
        await database.open()
        try:
            return await purge_replayed(database, before, **how)
        finally:
            await database.close()

    return coroutines.run(tell())


def test_only_what_was_replayed_long_ago_is_removed(connection, database_url):
    keep(connection, 91, 89, None, 200)
    assert purge(database_url, NOW - timedelta(days=90)) == 2
    assert kept(connection) == [1, 2]


def test_many_rows_are_removed_page_by_page(connection, database_url):
    keep(connection, *[100] * 7, None)
    assert purge(database_url, NOW, page_rows=3) == 7
    assert kept(connection) == [7]


def test_row_in_the_hands_of_another_is_left(connection, database_url):
    keep(connection, 100, 100)
    with connection.transaction():
        connection.execute("SELECT FROM quarantine WHERE digest = %s FOR UPDATE", [bytes(4)])
        assert purge(database_url, NOW) == 1
    assert kept(connection) == [0]


def test_job_takes_the_age_from_the_settings(connection, database_url):
    keep(connection, 11, 9)

    async def tell() -> None:
        app, database = create_app(database_url), Database(database_url, PoolSettings())
        register(app, database, QuarantineSettings(keep_replayed_days=10))
        await database.open()
        async with app.open_async():
            await app.configure_task("quarantine.purge_replayed").defer_async(timestamp=0)
            await app.run_worker_async(wait=False, install_signal_handlers=False)
        await database.close()

    coroutines.run(tell())
    assert kept(connection) == [1]
