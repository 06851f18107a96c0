"""Sessions of the pool on a real PostgreSQL: each is what it says, whoever had it before."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest
import structlog
from psycopg import AsyncConnection, IsolationLevel

from server.db.pool import Database, PoolSettings
from server.db.viewers import ITSELF
from server.errors import DatabaseAway, DatabaseReadOnly
from tests.coroutines import run as run_coroutine
from tests.given_postgres import GivenPostgres

pytestmark = pytest.mark.integration

ONE_CONNECTION = PoolSettings(pool_connections=1, pool_wait_s=1.0, answer_s=0.5)
STATE = """
SELECT pg_backend_pid(), current_setting('transaction_isolation'),
    current_setting('transaction_read_only')
"""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, ONE_CONNECTION)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def run(url: str, story: Callable[[Database], Awaitable[None]]) -> None:
    async def tell() -> None:
        async with opened(url) as database:
            await story(database)

    run_coroutine(tell())


async def state(connection: AsyncConnection) -> tuple[int, str, str]:
    row = await (await connection.execute(STATE)).fetchone()
    assert row is not None
    return row


async def pid(connection: AsyncConnection) -> int:
    return (await state(connection))[0]


async def eventually(question: Callable[[], Awaitable[object]], within_s: float = 30.0) -> object:
    """The first answer of `question` that is no DatabaseAway."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return await question()
        except DatabaseAway:
            if time.monotonic() > deadline:
                raise


def test_writing_after_reading_on_the_same_connection(database_url):
    async def story(database: Database) -> None:
        async with database.read() as connection:
            reader, *how = await state(connection)
            assert how == ["repeatable read", "on"]
        async with database.write() as connection:
            assert await state(connection) == (reader, "read committed", "off")
            await connection.execute("CREATE TABLE written AS SELECT 7 AS number")
        async with database.read(ITSELF) as connection:
            cursor = await connection.execute("SELECT number FROM written")
            assert await cursor.fetchone() == (7,)
            assert await pid(connection) == reader

    run(database_url, story)


def test_reading_session_refuses_to_write_and_sees_one_state(database_url):
    async def story(database: Database) -> None:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            async with database.read() as connection:
                await connection.execute("CREATE TABLE written ()")
        async with database.read() as connection:
            count = "SELECT count(*) FROM pg_class WHERE relname = 'elsewhere'"
            await connection.execute(count)
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("CREATE TABLE elsewhere ()")
            assert await (await connection.execute(count)).fetchone() == (0,)

    run(database_url, story)


def test_defaults_of_the_database_decide_nothing(database_url):
    name = database_url.rpartition("/")[2]
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")

    async def story(database: Database) -> None:
        async with database.write() as connection:
            assert (await state(connection))[1:] == ("read committed", "off")

    run(database_url, story)


def test_failed_write_leaves_nothing_behind(database_url):
    async def story(database: Database) -> None:
        async def fail() -> None:
            async with database.write() as connection:
                await connection.execute("CREATE TABLE written ()")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        async with database.read() as connection:
            cursor = await connection.execute("SELECT to_regclass('written')")
            assert await cursor.fetchone() == (None,)

    run(database_url, story)


@pytest.mark.parametrize("how", ["driver", "server"])
def test_connection_whose_session_was_changed_is_replaced(database_url, how, caplog):
    caplog.set_level(logging.CRITICAL, logger="psycopg.pool")

    async def change(connection: AsyncConnection) -> int:
        if how == "server":
            await connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        return await pid(connection)

    async def story(database: Database) -> None:
        async with database.write() as connection:
            changed = await change(connection)
        if how == "driver":  # psycopg refuses it within a transaction
            await connection.set_isolation_level(IsolationLevel.SERIALIZABLE)
            async with database.write():
                pass
        async with database.write() as connection:
            fresh, *state_of_it = await state(connection)
        assert fresh != changed
        assert state_of_it == ["read committed", "off"]

    run(database_url, story)


def test_question_that_takes_too_long_is_let_go(database_url):
    async def story(database: Database) -> None:
        async def sleep(connection: AsyncConnection) -> None:
            await connection.execute("SELECT pg_sleep(30)")

        with pytest.raises(DatabaseAway, match=r"no answer within 0\.5 s"):
            await database.ask(sleep)
        assert await eventually(lambda: database.ask(pid)) is not None

    run(database_url, story)


def test_database_that_hangs_is_away_in_bounded_time_and_comes_back(postgres, database_url):
    if isinstance(postgres, GivenPostgres):
        pytest.skip("processes are frozen on the tests' own server only")

    async def story(database: Database) -> None:
        backend = await eventually(lambda: database.ask(pid, within_s=30))
        assert isinstance(backend, int)
        os.kill(backend, signal.SIGSTOP)
        try:
            for _ in range(2):
                began_s = time.monotonic()
                with pytest.raises(DatabaseAway):
                    await database.ask(pid)
                assert time.monotonic() - began_s < 5
        finally:
            os.kill(backend, signal.SIGCONT)
        assert await eventually(lambda: database.ask(pid)) is not None

    run(database_url, story)


def test_cancelled_asker_gives_the_connection_back(database_url):
    async def story(database: Database) -> None:
        asked = asyncio.Event()

        async def sleep(connection: AsyncConnection) -> None:
            asked.set()
            await connection.execute("SELECT pg_sleep(30)")

        asker = asyncio.create_task(database.ask(sleep, within_s=30))
        await asked.wait()
        asker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asker

        async def write() -> None:
            async with database.write() as connection:
                await connection.execute("CREATE TABLE written ()")

        await eventually(write)

    run(database_url, story)


def test_database_that_is_gone_is_away(database_url):
    async def story(database: Database) -> None:
        with pytest.raises(DatabaseAway):
            async with database.write() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    run(database_url, story)
    with pytest.raises(DatabaseAway):
        run("postgresql://nobody:secret@127.0.0.1:1/none", lambda database: database.ask(pid))


def test_database_that_is_read_only_by_default_keeps_its_connections_and_says_why(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    async def insert(connection: AsyncConnection) -> None:
        await connection.execute("SET TRANSACTION READ ONLY")
        await connection.execute("INSERT INTO unit (id) VALUES ('never')")

    async def story(database: Database) -> None:
        first = await eventually(lambda: database.ask(pid))
        with pytest.raises(DatabaseReadOnly, match="default_transaction_read_only is on"):
            await database.change(insert)
        assert await database.ask(pid) == first

    with structlog.testing.capture_logs() as logged:
        run(database_url, story)
    assert [line["event"] for line in logged] == ["database_read_only"]


def test_change_is_committed_as_a_whole_or_not_at_all(database_url):
    async def create(connection: AsyncConnection) -> str:
        await connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        return "done"

    async def half(connection: AsyncConnection) -> None:
        await connection.execute("INSERT INTO kept VALUES (2)")
        raise ValueError("half-way")

    async def numbers(connection: AsyncConnection) -> list[tuple]:
        return await (await connection.execute("SELECT number FROM kept")).fetchall()

    async def story(database: Database) -> None:
        assert await database.change(create) == "done"
        with pytest.raises(ValueError, match="half-way"):
            await database.change(half)
        assert await database.ask(numbers, viewer=ITSELF) == [(1,)]

    run(database_url, story)
