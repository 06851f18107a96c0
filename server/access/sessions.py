"""The sessions with the database that routes are given: to read, or to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends
from psycopg import AsyncConnection
from starlette.requests import HTTPConnection

from server.db.pool import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads in one consistent, read-only transaction, in bounded time."""

    database: Database

    async def run(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `question` reads; raise DatabaseAway when that fails or takes too long."""
        return await self.database.read(question)


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes in one transaction, in bounded time."""

    database: Database

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `work` returns, committed; raise DatabaseAway when that fails."""
        return await self.database.write(work)


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
