"""Schemes, classes with their explanations, and entered points over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.readings import encode
from contract.texts import Language
from server.access.authentication import Who
from server.access.guard import allow
from server.access.recording import Rec, Recorder
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, Writer, WriteSession
from server.audit.entries import Action
from server.periods import Period
from server.schemes.answers import (
    Classes,
    ClassExplained,
    Entries,
    SchemeListed,
    class_of,
    listed,
)
from server.schemes.explaining import explain_one
from server.schemes.explanations import as_text
from server.schemes.library import scheme_of
from server.schemes.points import Entry
from server.schemes.requests import EntryRequest, Known
from server.schemes.schemes import Level, Scheme
from server.schemes.scores import Score
from server.schemes.sight import require_entering, require_sight, subject_of
from server.schemes.store import Asked, enter_points, read_entries, read_scores
from server.web.conditional import answer_unless_held, tag_of

router = APIRouter(prefix="/api/v1", tags=["classes"])

_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE


class EntriesRequest(BaseModel):
    """What is entered for a unit, or for an officer of it, in one period."""

    scheme: str = Field(max_length=40)
    period: str = Field(max_length=40)
    unit: str = Field(max_length=63)
    officer: str | None = Field(default=None, max_length=63)
    entries: list[EntryRequest] = Field(min_length=1, max_length=100)


SchemeId = Annotated[str, Query(max_length=40, description="GET /api/v1/schemes lists them.")]
PeriodText = Annotated[
    str, Query(max_length=40, description="A month, quarter or year: 2026-10, 2026-Q4, 2026.")
]
Unit = Annotated[str | None, Query(max_length=63, description="Only this unit.")]
Officer = Annotated[str | None, Query(max_length=63, description="Only this officer of the unit.")]


@router.get(
    "/schemes",
    response_model=list[SchemeListed],
    responses=UNCHANGED,
    dependencies=[Depends(allow(Right.READ_CATALOGUE))],
)
async def schemes(request: Request, known: Known) -> Response:
    """Every version of every scheme with its criteria and classes."""
    body = encode([listed(scheme) for scheme in known])
    return answer_unless_held(request, body, tag_of(body))


@router.get(
    "/classes",
    response_model=Classes,
    responses=_ANSWERS | UNCHANGED,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def classes(
    request: Request,
    session: ReadSession,
    writer: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
    scheme: SchemeId,
    period: PeriodText,
    unit: Unit = None,
    officer: Officer = None,
    compare: Annotated[
        str | None, Query(max_length=40, description="Another period, for the change of totals.")
    ] = None,
) -> Response:
    """Points and classes of units, or of officers of one unit, that the principal may see."""
    now = datetime.now(UTC)
    wanted = Period.parse(period, now)
    found = scheme_of(known, scheme, wanted)
    asked = Asked(unit=unit, officer=officer)
    require_sight(who, found, asked)
    former = None if compare is None else Period.parse(compare, now)
    former_scheme = None if former is None else scheme_of(known, scheme, former)
    await _record(writer, recorder, found, asked, str(wanted))

    async def read(connection: AsyncConnection) -> tuple[list[Score], dict[str, Score]]:
        scores = await read_scores(connection, found, wanted, asked, now)
        if former is None or former_scheme is None:
            return scores, {}
        before = await read_scores(connection, former_scheme, former, Asked(unit=unit), now)
        return scores, {_key(each): each for each in before}

    scores, before = await session.run(read)
    visible = [each for each in scores if who.reach(Right.READ_FIGURES).has(each.unit)]
    answer = Classes(
        computed_at=now,
        scheme=found.id,
        version=found.version,
        period=str(wanted),
        running=not wanted.is_over(now),
        classes=tuple(class_of(each, before.get(_key(each))) for each in visible),
    )
    tag = tag_of(encode((answer.version, answer.running, answer.classes)))
    return answer_unless_held(request, encode(answer), tag)


@router.get(
    "/classes/explanation",
    response_model=ClassExplained,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def explanation(
    session: ReadSession,
    writer: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
    scheme: SchemeId,
    period: PeriodText,
    unit: Annotated[str, Query(max_length=63)],
    officer: Officer = None,
    lang: Language = Language.VI,
) -> Response:
    """Where each point of one class comes from: formula, numbers, readings, evidence."""
    now = datetime.now(UTC)
    wanted = Period.parse(period, now)
    found = scheme_of(known, scheme, wanted)
    asked = Asked(unit=unit, officer=officer)
    require_sight(who, found, asked)
    await _record(writer, recorder, found, asked, str(wanted))
    explaining = partial(
        explain_one, scheme=found, period=wanted, unit=unit, officer=officer, now=now, language=lang
    )
    score, explained = await session.run(explaining)
    return _json(
        ClassExplained(explained=class_of(score), explanation=explained, text=as_text(explained))
    )


@router.get(
    "/entered-points",
    response_model=Entries,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def entered_points(
    session: ReadSession,
    writer: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
    scheme: SchemeId,
    period: PeriodText,
    unit: Annotated[str, Query(max_length=63)],
    officer: Officer = None,
) -> Response:
    """What was ever entered for a unit or officer in a period, the newest first."""
    wanted = Period.parse(period, datetime.now(UTC))
    found = scheme_of(known, scheme, wanted)
    require_sight(who, found, Asked(unit=unit, officer=officer))
    await _record(writer, recorder, found, Asked(unit=unit, officer=officer), str(wanted))
    past = await session.run(
        partial(read_entries, scheme=found, period=wanted, whom=(unit, officer))
    )
    return _json(Entries(entries=tuple(past)))


@router.put(
    "/entered-points",
    status_code=204,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.WRITE_POINTS))],
)
async def put_entered_points(
    asked: EntriesRequest, session: WriteSession, who: Who, recorder: Rec, known: Known
) -> Response:
    """Enter points or counts with their evidence; the newest holds, older ones stay as history."""
    now = datetime.now(UTC)
    period = Period.parse(asked.period, now)
    scheme = scheme_of(known, asked.scheme, period)
    require_entering(who, asked.unit, asked.officer)
    entries = [Entry(**each.model_dump()) for each in asked.entries]
    whom = (asked.unit, asked.officer)

    async def write(connection: AsyncConnection) -> None:
        await enter_points(connection, scheme, period, whom, entries, who.name, now)
        await recorder.note(
            connection,
            Action.POINTS_ENTERED,
            subject_of(asked.unit, asked.officer),
            scheme=scheme.id,
            period=str(period),
            terms=[each.term for each in entries],
        )

    await session.run(write)
    return Response(status_code=204)


async def _record(
    session: Writer, recorder: Recorder, scheme: Scheme, asked: Asked, period: str
) -> None:
    """Record a look at officers' classes before they are told; others are not recorded."""
    if scheme.level is not Level.OFFICER or asked.unit is None:
        return
    unit, officer = asked.unit, asked.officer

    async def write(connection: AsyncConnection) -> None:
        subject = subject_of(unit, officer)
        await recorder.note(
            connection, Action.OFFICER_SEEN, subject, scheme=scheme.id, period=period
        )

    await session.run(write)


def _key(score: Score) -> str:
    return subject_of(score.unit, score.officer)


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
