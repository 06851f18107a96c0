"""Records what a principal or a command does and sees, with when and from where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from psycopg import AsyncConnection
from starlette.requests import HTTPConnection

from server.access.authentication import Who, origin_of
from server.access.guard import names_officers
from server.access.sessions import WriteSession
from server.access.sign_ins import Origin
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.errors import ScopeInvalid
from server.scopes import PROVINCE, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Whoever acts, and from where."""

    actor: str
    kind: str
    origin: Origin

    async def note(
        self, connection: AsyncConnection, action: Action, subject: str = "", **details: object
    ) -> None:
        """Add an entry to the audit log, in the transaction of the act."""
        entry = Entry(
            at=datetime.now(UTC),
            actor=self.actor,
            kind=self.kind,
            action=action,
            subject=subject,
            address=self.origin.address,
            agent=self.origin.agent,
            details=details,
        )
        await record(connection, entry)


async def recorder_of(connection: HTTPConnection, who: Who) -> Recorder:
    """Return what records the acts of whoever asks."""
    return Recorder(actor=who.name, kind=who.kind, origin=origin_of(connection))


Rec = Annotated[Recorder, Depends(recorder_of)]
"""The parameter of a route whose acts are recorded."""


def recorded(
    action: Action, *path: str
) -> Callable[[HTTPConnection, Rec, WriteSession], Awaitable[None]]:
    """Return the dependency that records a request before it is answered: without the entry there
    is no answer. The subject is made of the parameters that `path` names, in the address or query.
    """

    async def note(connection: HTTPConnection, recorder: Rec, session: WriteSession) -> None:
        given = {**connection.query_params, **connection.path_params}
        subject = "/".join(str(given[name]) for name in path if name in given)

        async def write(database: AsyncConnection) -> None:
            await recorder.note(database, action, subject)

        await session.run(write)

    return note


async def officers_recorded(
    connection: HTTPConnection, recorder: Rec, session: WriteSession
) -> None:
    """Record a look at figures of named officers before they are told; others are not recorded."""
    scope = connection.query_params.get("scope", str(PROVINCE))
    try:
        named = names_officers(connection, Scope.parse(scope))
    except ScopeInvalid:
        return  # the route says what is wrong with it
    if not named:
        return
    by = connection.query_params.getlist("by")
    kpis = connection.query_params.getlist("kpi")
    period = connection.query_params.get("period", "")

    async def write(database: AsyncConnection) -> None:
        await recorder.note(database, Action.OFFICER_SEEN, scope, by=by, kpis=kpis, period=period)

    await session.run(write)
