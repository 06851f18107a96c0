"""Appraisals over REST: opened, scored, answered, made final, handed over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
from server.appraisal.answers import AppraisalSeen, Closed, ClosedPeriods, seen, whole
from server.appraisal.appraisals import Appraisal, Step
from server.appraisal.store import (
    Act,
    act,
    hand_over,
    open_appraisal,
    read_appraisal,
    read_appraisals,
)
from server.audit.entries import Action
from server.errors import Conflict, Forbidden, NotFound
from server.periods import Period
from server.schemes.library import Schemes, scheme_of
from server.schemes.points import Entry
from server.schemes.requests import EntryRequest, Known
from server.schemes.schemes import Scheme
from server.schemes.sight import subject_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/appraisals", tags=["appraisal"])

_WRITING = UNKNOWN | EXISTS | REFUSED | UNAVAILABLE


class OpenRequest(BaseModel):
    """Whom to appraise by which scheme in which period, and the account that does it."""

    scheme: str = Field(max_length=40)
    period: str = Field(max_length=40)
    unit: str = Field(max_length=63)
    officer: str | None = Field(default=None, max_length=63)
    appraiser: str = Field(max_length=63)


class StepRequest(BaseModel):
    """Points with their evidence, and a comment."""

    entries: list[EntryRequest] = Field(default_factory=list, max_length=100)
    comment: str = Field(default="", max_length=4000)


class AppraiserRequest(BaseModel):
    """Another appraiser, and why."""

    appraiser: str = Field(max_length=63)
    reason: str = Field(min_length=1, max_length=2000)


@router.get(
    "",
    response_model=list[AppraisalSeen],
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_APPRAISALS))],
)
async def appraisals(
    page: Paged,
    session: ReadSession,
    who: Who,
    closed: Closed,
    period: Annotated[str | None, Query(max_length=40)] = None,
    unit: Annotated[str | None, Query(max_length=63)] = None,
) -> Response:
    """The appraisals that the principal may see, the most urgent first."""
    now = datetime.now(UTC)
    wanted = None if period is None else str(Period.parse(period, now))

    async def read(connection: AsyncConnection) -> list[AppraisalSeen]:
        found = await read_appraisals(connection, period=wanted, unit=unit)
        over = await closed(connection, {each.period for each in found})
        return [seen(each, now, closed=each.period in over) for each in found if _sees(who, each)]

    found = await session.run(read)
    body = encode(page.following(found, lambda each: each.id))
    return Response(body, media_type="application/json", headers=page.headers)


@router.post(
    "",
    status_code=201,
    response_model=AppraisalSeen,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.MANAGE_APPRAISALS))],
)
async def open_one(
    asked: OpenRequest,
    session: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
    closed: Closed,
) -> Response:
    """Open an appraisal and give it to an account of the next level."""
    now = datetime.now(UTC)
    period = Period.parse(asked.period, now)
    scheme = scheme_of(known, asked.scheme, period)
    if not who.reach(Right.MANAGE_APPRAISALS).has(asked.unit):
        raise Forbidden(f"{who.name} may not open appraisals of {asked.unit}")
    whom = (asked.unit, asked.officer)

    async def write(connection: AsyncConnection) -> AppraisalSeen:
        id_ = await open_appraisal(connection, scheme, period, whom, asked.appraiser, who.name, now)
        await recorder.note(
            connection,
            Action.APPRAISAL_OPENED,
            subject_of(*whom),
            scheme=scheme.id,
            period=str(period),
            appraiser=asked.appraiser,
        )
        return await whole(connection, id_, now, closed)

    return _json(await session.run(write), 201)


@router.get(
    "/{appraisal}",
    response_model=AppraisalSeen,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_APPRAISALS))],
)
async def appraisal_with_steps(
    appraisal: UUID, session: ReadSession, who: Who, closed: Closed
) -> Response:
    """One appraisal with its history."""
    now = datetime.now(UTC)

    async def read(connection: AsyncConnection) -> AppraisalSeen:
        if not _sees(who, await read_appraisal(connection, appraisal)):
            raise NotFound("there is no such appraisal")
        return await whole(connection, appraisal, now, closed)

    return _json(await session.run(read))


def _step_route(step: Step, right: Right, text: str) -> None:
    """Add the route that takes a step."""

    async def take(
        appraisal: UUID,
        asked: StepRequest,
        session: WriteSession,
        who: Who,
        recorder: Rec,
        known: Known,
        closed: Closed,
    ) -> Response:
        taken = Act(
            step=step,
            entries=tuple(Entry(**each.model_dump()) for each in asked.entries),
            comment=asked.comment,
        )
        note = _noting(recorder, taken)
        return _json(await session.run(_taking(appraisal, taken, who, known, note, closed)))

    take.__doc__ = text
    router.add_api_route(
        f"/{{appraisal}}/{step.replace('_', '-')}",
        take,
        methods=["POST"],
        name=step,
        response_model=AppraisalSeen,
        responses=_WRITING,
        dependencies=[Depends(allow(right))],
    )


_Note = Callable[[AsyncConnection, Appraisal], Awaitable[None]]


def _noting(recorder: Rec, taken: Act) -> _Note:
    async def note(connection: AsyncConnection, found: Appraisal) -> None:
        await recorder.note(
            connection,
            Action.APPRAISAL_STEP,
            subject_of(found.unit, found.officer),
            appraisal=str(found.id),
            step=taken.step,
        )

    return note


def _taking(
    id_: UUID,
    taken: Act,
    who: Principal,
    known: Schemes,
    note: _Note,
    closed: ClosedPeriods,
) -> Callable[[AsyncConnection], Awaitable[AppraisalSeen]]:
    async def write(connection: AsyncConnection) -> AppraisalSeen:
        now = datetime.now(UTC)
        found = await read_appraisal(connection, id_)
        period = Period.parse(found.period, now)
        scheme = _scheme(known, found, period)
        await act(connection, found, scheme, period, taken, who, now)
        await note(connection, found)
        return await whole(connection, id_, now, closed)

    return write


_step_route(
    Step.SELF_SCORE,
    Right.SELF_SCORE,
    "Score oneself, or one's unit: points with their evidence, and a comment.",
)
_step_route(
    Step.APPRAISAL,
    Right.APPRAISE,
    "Score as the appraiser to whom the appraisal is given; nobody appraises themselves.",
)
_step_route(
    Step.ANSWER,
    Right.SELF_SCORE,
    "Answer the appraiser's score: agree, or say in the comment what is wrong.",
)
_step_route(
    Step.FINAL,
    Right.APPRAISE,
    "Make it final once the period is over: its points become those of the class.",
)


@router.put(
    "/{appraisal}/appraiser",
    response_model=AppraisalSeen,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.MANAGE_APPRAISALS))],
)
async def change_appraiser(
    appraisal: UUID,
    asked: AppraiserRequest,
    session: WriteSession,
    who: Who,
    recorder: Rec,
    closed: Closed,
) -> Response:
    """Give an appraisal to another account, for instance when the appraiser has left."""
    now = datetime.now(UTC)

    async def write(connection: AsyncConnection) -> AppraisalSeen:
        found = await read_appraisal(connection, appraisal)
        if not who.reach(Right.MANAGE_APPRAISALS).has(found.unit):
            raise Forbidden(f"{who.name} may not hand over appraisals of {found.unit}")
        await hand_over(connection, found, asked.appraiser, asked.reason, who.name, now)
        await recorder.note(
            connection,
            Action.APPRAISER_CHANGED,
            subject_of(found.unit, found.officer),
            appraisal=str(found.id),
            appraiser=asked.appraiser,
        )
        return await whole(connection, appraisal, now, closed)

    return _json(await session.run(write))


def _scheme(known: Schemes, found: Appraisal, period: Period) -> Scheme:
    scheme = scheme_of(known, found.scheme, period)
    if scheme.version != found.version:
        raise Conflict(
            f"the appraisal was opened by version {found.version} of {scheme.id}, which has "
            f"version {scheme.version} for {period} now"
        )
    return scheme


def _sees(who: Principal, found: Appraisal) -> bool:
    """Return whether the principal may see an appraisal that the connection showed."""
    if found.officer is not None and found.officer == who.officer:
        return True
    return who.account == found.appraiser or who.reach(Right.READ_APPRAISALS).has(found.unit)


def _json(value: object, status: int = 200) -> Response:
    return Response(encode(value), status_code=status, media_type="application/json")
