"""Contests over REST: filed, assigned, answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import allow
from server.access.principals import Principal
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.contests.contests import Contest, Effect, Kind, Objection, require_filing
from server.contests.store import (
    Answer,
    Wanted,
    answer,
    assign,
    file_contest,
    read_contest,
    read_contests,
)
from server.errors import Forbidden, NotFound
from server.periods import Period
from server.schemes.points import Entry
from server.schemes.requests import EntryRequest, Known
from server.schemes.sight import subject_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/contests", tags=["contests"])

_WRITING = UNKNOWN | EXISTS | REFUSED | UNAVAILABLE


class ContestRequest(BaseModel):
    """An objection: to a figure (`kpi`, `period`), a `rating`, or a class (`scheme`, `period`)."""

    kind: Kind
    unit: str = Field(max_length=63)
    officer: str | None = Field(default=None, max_length=63)
    period: str = Field(default="", max_length=40)
    kpi: str | None = Field(default=None, max_length=63)
    scheme: str | None = Field(default=None, max_length=40)
    rating: UUID | None = None
    reason: str = Field(min_length=1, max_length=4000)


class AssigneeRequest(BaseModel):
    """The account that is to answer."""

    assignee: str = Field(max_length=63)


class AnswerRequest(BaseModel):
    """What is decided and why; of a class that is restated also its new points."""

    effect: Effect
    answer: str = Field(min_length=1, max_length=4000)
    entries: list[EntryRequest] = Field(default_factory=list, max_length=100)


@router.get(
    "",
    response_model=list[Contest],
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_CONTESTS))],
)
async def contests(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[str | None, Query(max_length=63)] = None,
    period: Annotated[str | None, Query(max_length=40)] = None,
    kpi: Annotated[str | None, Query(max_length=63)] = None,
    scheme: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """What was contested, and with which effect: the history of a figure or class."""
    said = None if period is None else str(Period.parse(period, datetime.now(UTC)))
    wanted = Wanted(unit=unit, period=said, kpi=kpi, scheme=scheme)

    async def read(connection: AsyncConnection) -> list[Contest]:
        return await read_contests(connection, wanted)

    seen = [each for each in await session.run(read) if _sees(who, each)]
    return _json(page.following(seen, lambda each: each.id), headers=page.headers)


@router.post(
    "",
    status_code=201,
    response_model=Contest,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.CONTEST))],
)
async def file_one(
    asked: ContestRequest, session: WriteSession, who: Who, recorder: Rec, known: Known
) -> Response:
    """Object to a figure, a rating or a class; it is kept with the value that it is about."""
    require_filing(who, asked.unit, asked.officer)
    objection = Objection(**asked.model_dump())

    async def write(connection: AsyncConnection) -> Contest:
        id_ = await file_contest(connection, objection, known, who.name, datetime.now(UTC))
        subject = subject_of(asked.unit, asked.officer)
        await recorder.note(
            connection, Action.CONTEST_FILED, subject, contest=str(id_), kind=asked.kind
        )
        return await read_contest(connection, id_)

    return _json(await session.run(write), 201)


@router.put(
    "/{contest}/assignee",
    response_model=Contest,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.ANSWER_CONTESTS))],
)
async def assign_one(
    contest: UUID, asked: AssigneeRequest, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Give a contest to the account that is to answer it."""

    async def write(connection: AsyncConnection) -> Contest:
        found = await read_contest(connection, contest)
        if found.officer is not None and not who.may_see_officer(found.officer, found.unit):
            raise NotFound("there is no such contest")
        if not who.reach(Right.ANSWER_CONTESTS).has(found.unit):
            raise Forbidden(f"{who.name} may not assign contests of {found.unit}")
        await assign(connection, found, asked.assignee, who.name, datetime.now(UTC))
        await recorder.note(
            connection,
            Action.CONTEST_ASSIGNED,
            subject_of(found.unit, found.officer),
            contest=str(contest),
            assignee=asked.assignee,
        )
        return await read_contest(connection, contest)

    return _json(await session.run(write))


@router.post(
    "/{contest}/answer",
    response_model=Contest,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.ANSWER_CONTESTS))],
)
async def answer_one(
    contest: UUID,
    asked: AnswerRequest,
    session: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
) -> Response:
    """Answer a contest with reasons; it takes effect at once, and is answered only once."""
    given = Answer(
        effect=asked.effect,
        reasons=asked.answer,
        entries=tuple(Entry(**each.model_dump()) for each in asked.entries),
    )

    async def write(connection: AsyncConnection) -> Contest:
        found = await read_contest(connection, contest)
        await answer(connection, found, given, known, who, datetime.now(UTC))
        await recorder.note(
            connection,
            Action.CONTEST_ANSWERED,
            subject_of(found.unit, found.officer),
            contest=str(contest),
            effect=asked.effect,
        )
        return await read_contest(connection, contest)

    return _json(await session.run(write))


def _sees(who: Principal, found: Contest) -> bool:
    """Return whether the principal may see a contest that the connection showed."""
    if found.officer is not None and found.officer == who.officer:
        return True
    return who.reach(Right.READ_CONTESTS).has(found.unit)


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        encode(value), status_code=status, media_type="application/json", headers=headers
    )
