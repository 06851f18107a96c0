"""The sessions with the database that routes are given: to read, or to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends
from psycopg import AsyncConnection
from starlette.requests import HTTPConnection

from server.db.pool import Database
from server.errors import DatabaseAway

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads in one consistent, read-only transaction, in bounded time."""

    database: Database

    async def run(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `question` reads; raise DatabaseAway when that fails or takes too long."""
        with _told_to_strangers():
            return await self.database.ask(question)


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes in one transaction, in bounded time."""

    database: Database

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `work` returns, committed; raise DatabaseAway when that fails."""
        with _told_to_strangers():
            return await self.database.change(work)


@contextmanager
def _told_to_strangers() -> Iterator[None]:
    """Say that the database is away without the server's own words, which name hosts and users."""
    try:
        yield
    except DatabaseAway as error:
        raise DatabaseAway(
            "the database is away or gives no answer; try again in a few seconds"
        ) from error


def _database(connection: HTTPConnection) -> Database:
    database = connection.app.state.database
    assert isinstance(database, Database)
    return database


def _reading(database: Annotated[Database, Depends(_database)]) -> Reading:
    return Reading(database)


def _writing(database: Annotated[Database, Depends(_database)]) -> Writing:
    return Writing(database)


ReadSession = Annotated[Reading, Depends(_reading)]
"""The parameter of a route that reads."""

WriteSession = Annotated[Writing, Depends(_writing)]
"""The parameter of a route that writes."""
