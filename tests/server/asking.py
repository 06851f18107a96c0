"""Reads from a database of the test as the API does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection

from server.db.connection import session_conninfo
from tests.coroutines import run

T = TypeVar("T")


def ask(database_url: str, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Return what `question` reads."""

    async def read() -> T:
        where = session_conninfo(database_url)
        async with (
            await AsyncConnection.connect(where, autocommit=True) as connection,
            connection.transaction(),
        ):
            return await question(connection)

    return run(read())


def store(database_url: str, *messages: object) -> None:
    """Store messages of the usual device; pairs name another device's address."""
    from server.ingest.batch import Batch
    from server.ingest.writer import write
    from tests.server import build

    pairs = [
        message if isinstance(message, tuple) else (message, build.HERE) for message in messages
    ]
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        stored = write(connection, Batch(accepted=[build.accepted(*pair) for pair in pairs]))
    assert stored.refused == []
