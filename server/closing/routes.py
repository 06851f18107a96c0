"""Closed periods over REST: listed, asked for, with their versions, readings and documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.local_time import LOCAL_TIME
from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.closing.answers import (
    ClosedPeriod,
    KeySeen,
    MissingSeen,
    VersionSeen,
    key_seen,
    missing_seen,
    version_seen,
)
from server.closing.checks import read_missing
from server.closing.closings import Closing, require_calendar, require_closable
from server.closing.documents import Document
from server.closing.store import (
    ask,
    read_closings,
    read_document,
    read_keys,
    read_requests,
    read_version,
)
from server.errors import Conflict, Forbidden
from server.periods import Period
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/closings", tags=["closed periods"])

_READ = Depends(allow(Right.READ_CLOSINGS))
_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE

Version = Annotated[
    int | None, Query(ge=1, description="Of the versions; without one, the newest.")
]
AsOf = Annotated[
    datetime | None,
    Query(description="The version that held at this time, RFC 3339; local without an offset."),
]


class ClosingRequest(BaseModel):
    """Which period to close; `despite` open contests and appraisals."""

    period: str = Field(max_length=40)
    despite: bool = False


@router.get(
    "", response_model=list[VersionSeen], responses=REFUSED | UNAVAILABLE, dependencies=[_READ]
)
async def closings(page: Paged, session: ReadSession) -> Response:
    """Every version of every closed period, in the order of the chain."""
    found = page.following(await session.run(read_closings), lambda closing: closing.number)
    return _json([version_seen(each) for each in found], headers=page.headers)


@router.post(
    "",
    status_code=202,
    response_model=ClosedPeriod,
    responses=EXISTS | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.CLOSE_PERIODS))],
)
async def close_one(
    asked: ClosingRequest, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Have a month, quarter or year that is over closed by the worker; how it went is told below
    the period, among its `requests`.
    """
    now = datetime.now(UTC)
    if not who.reach(Right.CLOSE_PERIODS).everywhere:
        raise Forbidden("a period is closed for the whole province")
    period = Period.parse(asked.period, now)
    require_closable(period, now)

    async def write(connection: AsyncConnection) -> ClosedPeriod:
        if await read_closings(connection, str(period)):
            raise Conflict(f"{period} is closed already; what came later restates it")
        await ask(connection, period, who.name, now, despite=asked.despite)
        await recorder.note(connection, Action.CLOSING_ASKED, str(period), despite=asked.despite)
        return ClosedPeriod(
            period=str(period),
            closed=False,
            requests=tuple(await read_requests(connection, str(period))),
        )

    return _json(await session.run(write), 202)


@router.get(
    "/keys", response_model=list[KeySeen], responses=REFUSED | UNAVAILABLE, dependencies=[_READ]
)
async def closing_keys(session: ReadSession) -> Response:
    """The public keys that sign and have signed, each handed over to by the one before."""
    return _json([key_seen(each) for each in await session.run(read_keys)])


@router.get("/{period}", response_model=ClosedPeriod, responses=_ANSWERS, dependencies=[_READ])
async def closing(
    period: str, session: ReadSession, who: Who, version: Version = None, as_of: AsOf = None
) -> Response:
    """A closed period: its versions with digest and signature, and what a restatement changed."""
    wanted = period_of(period)
    told = who.reach(Right.READ_FIGURES).everywhere

    async def read(connection: AsyncConnection) -> ClosedPeriod:
        requests = tuple(await read_requests(connection, wanted))
        versions = tuple(await read_closings(connection, wanted))
        found: Closing | None = None
        if versions or not requests:
            found = await read_version(connection, wanted, version=version, as_of=instant(as_of))
        return ClosedPeriod(
            period=wanted,
            closed=bool(versions),
            asked=None if found is None else version_seen(found),
            versions=tuple(map(version_seen, versions)),
            changes=tuple(found.changes) if found is not None and told else (),
            requests=requests,
        )

    return _json(await session.run(read))


@router.get(
    "/{period}/missing", response_model=MissingSeen, responses=_ANSWERS, dependencies=[_READ]
)
async def missing(period: str, session: ReadSession) -> Response:
    """What a period lacks before it is closed: answers to contests, final appraisals, counting."""
    now = datetime.now(UTC)
    wanted = Period.parse(period, now)
    require_calendar(wanted)

    async def read(connection: AsyncConnection) -> MissingSeen:
        return missing_seen(
            str(wanted),
            await read_missing(connection, wanted),
            over=wanted.is_over(now),
            closed=bool(await read_closings(connection, str(wanted))),
        )

    return _json(await session.run(read))


@router.get(
    "/{period}/document",
    responses=_ANSWERS | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    response_class=Response,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.SCOPE))],
)
async def document(
    period: str,
    session: ReadSession,
    scope: Annotated[
        Literal["province"], Query(description="It holds the figures of the whole province.")
    ] = "province",
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """The document of a closed period, byte for byte what its digest is of (RFC 8785)."""
    del scope  # nothing else is accepted, so that the right is needed for all that it holds
    _, found = await session.run(_reading(period_of(period), version, as_of))
    return Response(found.content, media_type="application/json")


_Reading = Callable[[AsyncConnection], Awaitable[tuple[Closing, Document]]]


def _reading(period: str, version: int | None, as_of: datetime | None) -> _Reading:
    async def read(connection: AsyncConnection) -> tuple[Closing, Document]:
        found = await read_version(connection, period, version=version, as_of=instant(as_of))
        return found, await read_document(connection, found.number)

    return read


def period_of(text: str) -> str:
    """Return a period as it is written."""
    return str(Period.parse(text, datetime.now(UTC)))


def instant(as_of: datetime | None) -> datetime | None:
    """Return a time, local where it has no offset."""
    return as_of.replace(tzinfo=as_of.tzinfo or LOCAL_TIME) if as_of is not None else None


def _json(
    value: object, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        encode(value), status_code=status, media_type="application/json", headers=headers
    )
