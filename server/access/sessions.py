"""The sessions with the database that routes are given: to read, or to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar, runtime_checkable

import structlog
from fastapi import Depends
from psycopg import AsyncConnection, errors
from starlette.requests import HTTPConnection

from server.access.principals import Principal
from server.access.rights import Right
from server.db.connection import one_line
from server.db.pool import Database
from server.db.viewers import ANYBODY, ITSELF, NOBODY, Scribe, Viewer
from server.errors import DatabaseAway, DatabaseReadOnly, Forbidden, SignInNeeded

T = TypeVar("T")

_ENTERS_POINTS = (
    Right.WRITE_POINTS,
    Right.SELF_SCORE,
    Right.APPRAISE,
    Right.ANSWER_CONTESTS,
)
"""Points are entered by themselves, with a score, and with the answer to a contest."""

log = structlog.get_logger()


@runtime_checkable
class Identifies(Protocol):
    """Finds out who asks; see `server.access.authentication`."""

    async def identify(self, connection: HTTPConnection) -> Principal:
        """Return who asks; raise SignInNeeded."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads in one consistent, read-only transaction, in bounded time, on behalf of `viewer`."""

    database: Database
    viewer: Viewer = NOBODY

    async def run(
        self,
        question: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        """Return what `question` reads; raise DatabaseAway when that fails or takes too long."""
        with _without_details():
            return await self.database.ask(question, viewer=self.viewer, within_s=within_s)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes in one transaction, in bounded time, what `scribe` may."""

    database: Database
    scribe: Scribe = ANYBODY

    async def run(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        """Return what `work` returns, committed; raise DatabaseAway when that fails.

        Without `within_s` it may take as long as the answer to a question. Raises Forbidden for
        what lies outside the units in which whoever asks may write.
        """
        with _without_details():
            try:
                return await self.database.change(work, scribe=self.scribe, within_s=within_s)
            except errors.InsufficientPrivilege as error:
                log.warning("write_refused", error=one_line(error))
                raise Forbidden(
                    "this holds something outside the units in which you may write"
                ) from error


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


async def _database(connection: HTTPConnection) -> Database:
    database = connection.app.state.database
    assert isinstance(database, Database)
    return database


async def viewer_of(connection: HTTPConnection) -> Viewer:
    """Return what of officers whoever asks on this connection may see: nothing for nobody."""
    authenticator = connection.app.state.authenticator
    assert isinstance(authenticator, Identifies)
    try:
        principal = await authenticator.identify(connection)
    except (SignInNeeded, DatabaseAway):
        return NOBODY  # what refuses them is the route's right
    return view_of(principal)


def view_of(principal: Principal) -> Viewer:
    """Return what of officers the principal may see."""
    if principal.owes_second_factor:
        return NOBODY
    return Viewer.of(
        officers=principal.reach(Right.READ_OFFICERS).named(),
        staff=principal.reach(Right.READ_STAFF).named(),
        officer=principal.officer,
    )


async def _reader(
    database: Annotated[Database, Depends(_database)], viewer: Annotated[Viewer, Depends(viewer_of)]
) -> Reader:
    return Reader(database, viewer)


async def _own_reader(database: Annotated[Database, Depends(_database)]) -> Reader:
    return Reader(database, ITSELF)


async def scribe_of(connection: HTTPConnection) -> Scribe:
    """Return what whoever asks on this connection may write: nothing of its own for nobody."""
    authenticator = connection.app.state.authenticator
    assert isinstance(authenticator, Identifies)
    try:
        principal = await authenticator.identify(connection)
    except (SignInNeeded, DatabaseAway):
        return ANYBODY  # what refuses them is the route's right
    return written_by(principal)


def written_by(principal: Principal) -> Scribe:
    """Return what the principal may write."""
    if principal.owes_second_factor:
        return ANYBODY
    return Scribe.of(
        staff=principal.reach(Right.WRITE_STAFF).named(),
        dossiers=principal.reach(Right.WRITE_DOSSIERS).named(),
        complaints=principal.reach(Right.WRITE_COMPLAINTS).named(),
        devices=principal.reach(Right.MANAGE_DEVICES).named(),
        units=principal.reach(Right.MANAGE_UNITS).named(),
        comments=principal.reach(Right.RELEASE_COMMENTS).named(),
        points=_wherever(principal, _ENTERS_POINTS),
        accounts=principal.may(Right.WRITE_ACCOUNTS),
    )


def _wherever(principal: Principal, rights: Iterable[Right]) -> Iterable[str] | None:
    """Return the units in which the principal holds any of the rights, None for all of them."""
    found: set[str] = set()
    for right in rights:
        units = principal.reach(right).named()
        if units is None:
            return None
        found |= set(units)
    return found


async def _writer(
    database: Annotated[Database, Depends(_database)], scribe: Annotated[Scribe, Depends(scribe_of)]
) -> Writer:
    return Writer(database, scribe)


async def _sign_on_writer(database: Annotated[Database, Depends(_database)]) -> Writer:
    return Writer(database, Scribe.of(accounts=True))


ReadSession = Annotated[Reader, Depends(_reader)]
"""The parameter of a route that reads."""

OwnSession = Annotated[Reader, Depends(_own_reader)]
"""The parameter of a route that reads accounts, keys, screens or sign-ins."""

WriteSession = Annotated[Writer, Depends(_writer)]
"""The parameter of a route that writes."""

SignOnSession = Annotated[Writer, Depends(_sign_on_writer)]
"""The parameter of the route that makes accounts for whom the single sign-on vouches."""
