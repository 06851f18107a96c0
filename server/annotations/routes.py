"""Annotations over REST: what stands on a place's time line, a new one, and one taken back."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from contract.identifiers import new_id
from runtime.sql import statements
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.principals import Principal
from server.access.recording import Rec
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import Forbidden, NotFound, ScopeInvalid
from server.periods import Period
from server.scopes import PROVINCE, Scope, ScopeKind

_SQL = statements("server.annotations", "annotations.sql")

router = APIRouter(prefix="/api/v1/annotations", tags=["readings"])

_SAID = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
"""One line with something in it."""
_READS = Depends(allow(Right.READ_FIGURES, At.SCOPE))
_WRITES = Depends(allow(Right.HANDLE_ALERTS))
"""Whoever answers for a place says what happened there, in an alert's story or on its time line."""

ScopeText = Annotated[str, Query(max_length=80, description="province or subtree:UNIT.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What happened on a day; without `unit` in the whole province."""

    id: uuid.UUID
    unit: str | None
    day: date
    told: str
    author: str
    noted_at: datetime


class AnnotationRequest(BaseModel):
    """What happened where on which day; it names no citizen and no officer."""

    scope: str = Field(default=str(PROVINCE), max_length=80)
    day: date
    told: str = Field(
        min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"
    )


@router.get("", responses=UNKNOWN | REFUSED | UNAVAILABLE, dependencies=[_READS])
async def list_annotations(
    session: ReadSession,
    scope: ScopeText = str(PROVINCE),
    period: Annotated[
        str | None, Query(max_length=40, description="As in /readings; without it all.")
    ] = None,
) -> list[Annotation]:
    """The annotations of a place, of every unit above it and of the province, the newest first."""
    span = None if period is None else Period.parse(period, datetime.now(UTC))
    of = {
        "unit": _place(scope).unit,
        "first": None if span is None else span.first,
        "end": None if span is None else span.end,
    }

    async def read(connection: AsyncConnection) -> list[Annotation]:
        cursor = connection.cursor(row_factory=class_row(Annotation))
        return await (await cursor.execute(_SQL["annotations"], of)).fetchall()

    return await session.run(read)


@router.post(
    "",
    status_code=201,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[_WRITES],
)
async def add(
    asked: AnnotationRequest, session: WriteSession, who: Who, recorder: Rec
) -> Annotation:
    """Note what happened on a day, where one handles alerts."""
    place = _place(asked.scope)
    _require(who, place)
    now = datetime.now(UTC)
    noted = Annotation(
        id=new_id(now), unit=place.unit, day=asked.day, told=asked.told.strip(),
        author=who.name, noted_at=now,
    )  # fmt: skip

    async def write(connection: AsyncConnection) -> None:
        try:
            await connection.execute(_SQL["add"], asdict(noted))
        except psycopg.errors.ForeignKeyViolation as error:
            raise NotFound(f"unit {place.unit!r} is not known") from error
        await recorder.note(
            connection, Action.ANNOTATION_ADDED, str(place), id=str(noted.id), day=str(noted.day)
        )

    await session.run(write)
    return noted


@router.delete(
    "/{annotation}",
    status_code=204,
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[_WRITES],
)
async def remove(annotation: uuid.UUID, session: WriteSession, who: Who, recorder: Rec) -> Response:
    """Take an annotation back, where one handles alerts: it is shown no more."""

    async def write(connection: AsyncConnection) -> None:
        cursor = connection.cursor(row_factory=class_row(Annotation))
        found = await (await cursor.execute(_SQL["one"], {"id": annotation})).fetchone()
        if found is None:
            raise NotFound("there is no such annotation")
        place = PROVINCE if found.unit is None else Scope.subtree(found.unit)
        _require(who, place)
        await connection.execute(_SQL["remove"], {"id": annotation, "now": datetime.now(UTC)})
        await recorder.note(connection, Action.ANNOTATION_REMOVED, str(place), id=str(annotation))

    await session.run(write)
    return Response(status_code=204)


def _place(text: str) -> Scope:
    scope = Scope.parse(text)
    if scope.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE) or scope.parts:
        raise ScopeInvalid(f"{text!r}: annotations are of the province or of subtree:UNIT")
    return scope


def _require(who: Principal, place: Scope) -> None:
    if not who.may(Right.HANDLE_ALERTS, place):
        raise Forbidden(f"{who.name} may not annotate {place}")
