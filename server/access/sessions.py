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
from server.errors import DatabaseAway, DatabaseReadOnly

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads in one consistent, read-only transaction, in bounded time."""

    database: Database

    async def run(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `question` reads; raise DatabaseAway when that fails or takes too long."""
        with _without_details():
            return await self.database.ask(question)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes in one transaction, in bounded time."""

    database: Database

    async def run(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        """Return what `work` returns, committed; raise DatabaseAway when that fails.

        Without `within_s` it may take as long as the answer to a question.
        """
        with _without_details():
            return await self.database.change(work, within_s=within_s)


@contextmanager
def _without_details() -> Iterator[None]:
    """Say that the database is away without the server's own words, which name hosts and users."""
    try:
        yield
    except DatabaseReadOnly as error:
        raise DatabaseReadOnly(
            "the database takes no changes at present; database_read_only in the log says why"
        ) from error
    except DatabaseAway as error:
        raise DatabaseAway(
            "the database is away or gives no answer; try again in a few seconds"
        ) from error


def _database(connection: HTTPConnection) -> Database:
    database = connection.app.state.database
    assert isinstance(database, Database)
    return database


def _reader(database: Annotated[Database, Depends(_database)]) -> Reader:
    return Reader(database)


def _writer(database: Annotated[Database, Depends(_database)]) -> Writer:
    return Writer(database)


ReadSession = Annotated[Reader, Depends(_reader)]
"""The parameter of a route that reads."""

WriteSession = Annotated[Writer, Depends(_writer)]
"""The parameter of a route that writes."""
