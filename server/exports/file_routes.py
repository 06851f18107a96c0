"""Files for analysts over REST: asked for, written in the background, fetched."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.identifiers import new_id
from contract.texts import Language
from server.access.authentication import Who
from server.access.guard import allow
from server.access.principals import Principal
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN, Documented
from server.access.rights import Right
from server.access.sessions import Reader, ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import Conflict, Forbidden, NotFound, ScopeInvalid
from server.exports import store
from server.exports.exports import MEDIA_TYPES, Dataset, Export, FileFormat
from server.exports.questions import question_of
from server.periods import Period, Step
from server.scopes import PROVINCE, Scope, ScopeKind
from server.web.asgi import language
from server.web.details import in_language
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/exports", tags=["files for analysts"])

READS = Depends(allow(Right.READ_FIGURES))
_NAMED = UNKNOWN | REFUSED | UNAVAILABLE
_FILE: Documented = {
    200: {
        "description": "The file.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES.values()
        },
    },
    409: EXISTS[409] | {"description": "It is not written yet."},
}


class ExportRequest(BaseModel):
    """Which file is wanted: `hours` of counters, or the `figures` of the scope and its units."""

    dataset: Dataset
    format: FileFormat = FileFormat.PARQUET
    period: str = Field(max_length=40, examples=["2026", "2026-10", "2026-10-01..2026-10-15"])
    scope: str = Field(default=str(PROVINCE), max_length=80)
    step: Step = Field(default=Step.MONTH, description="Of figures: a row for each of these.")
    language: Language = Field(default=Language.VI, description="Of the names in figures.")


@router.post("", status_code=201, responses=_NAMED | EXISTS, dependencies=[READS])
async def ask_for(asked: ExportRequest, session: WriteSession, who: Who, recorder: Rec) -> Export:
    """Have a file written in the background; `finished_at` says when it can be fetched."""
    now = datetime.now(UTC)
    scope, period = Scope.parse(asked.scope), Period.parse(asked.period, now)
    if scope.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE) or scope.parts:
        raise ScopeInvalid(f"{asked.scope!r}: files are of the province or of subtree:UNIT")
    _require(who, scope)
    export = Export(
        id=new_id(now),
        dataset=asked.dataset,
        format=asked.format,
        scope=str(scope),
        period=str(period),
        step=asked.step,
        language=asked.language,
        asked_by=who.name,
        asked_at=now,
    )
    question_of(export, now)  # raises what is wrong with it

    async def write(connection: AsyncConnection) -> Export:
        await recorder.note(
            connection, Action.EXPORT_ASKED, str(scope), period=str(period), dataset=asked.dataset
        )
        return await store.add_export(connection, export)

    return await session.run(write)


@router.get("", responses=UNAVAILABLE, dependencies=[READS])
async def exports(request: Request, page: Paged, session: ReadSession, who: Who) -> list[Export]:
    """The files of places that the principal may read, the newest first."""
    found = await session.run(store.list_exports)
    seen = [each for each in found if who.may(Right.READ_FIGURES, Scope.parse(each.scope))]
    return [_told(each, request) for each in page.following(seen, lambda each: each.id)]


@router.get("/{export}", responses=_NAMED, dependencies=[READS])
async def one(request: Request, export: uuid.UUID, session: ReadSession, who: Who) -> Export:
    """What became of one file."""
    return _told(await _seen(export, session, who), request)


@router.get(
    "/{export}/file",
    response_class=StreamingResponse,
    responses=_NAMED | _FILE,
    dependencies=[READS],
)
async def file(export: uuid.UUID, session: ReadSession, who: Who) -> StreamingResponse:
    """The file itself; its `ETag` is the SHA-256 of its bytes."""
    found = await _seen(export, session, who)
    if found.problem is not None:
        raise NotFound(f"export {export} could not be written: {found.problem}")
    if not found.is_ready:
        raise Conflict(f"export {export} is not written yet; ask for it again in a few seconds")
    headers = {
        "Content-Disposition": f'attachment; filename="{found.file_name}"',
        "Content-Length": str(found.bytes),
        "ETag": f'"{found.digest}"',
    }
    media_type = MEDIA_TYPES[found.format]
    return StreamingResponse(_parts(session, export), media_type=media_type, headers=headers)


@router.delete("/{export}", status_code=204, responses=_NAMED, dependencies=[READS])
async def remove(
    export: uuid.UUID, reading: ReadSession, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Remove a file before its week is over; only who asked for it may."""
    found = await _seen(export, reading, who)
    if found.asked_by != who.name:
        raise Forbidden(f"export {export} was asked for by somebody else")

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.EXPORT_REMOVED, found.scope, period=found.period)
        await store.remove_export(connection, export)

    await session.run(write)
    return Response(status_code=204)


async def _parts(session: Reader, export: uuid.UUID) -> AsyncIterator[bytes]:
    number = 0
    while (part := await session.run(partial(_part, export, number))) is not None:
        yield part
        number += 1


async def _part(export: uuid.UUID, number: int, connection: AsyncConnection) -> bytes | None:
    return await store.read_part(connection, export, number)


async def _seen(export: uuid.UUID, session: Reader, who: Principal) -> Export:
    found = await session.run(partial(store.read_export, id_=export))
    _require(who, Scope.parse(found.scope))
    return found


def _told(export: Export, request: Request) -> Export:
    """Return a file as it is listed; why there is none, in the language of whoever asks."""
    if export.problem is None:
        return export
    return replace(export, problem=in_language(export.problem, language(request.scope)))


def _require(who: Principal, scope: Scope) -> None:
    if not who.may(Right.READ_FIGURES, scope):
        raise Forbidden(f"{who.name} may not read figures of {scope}")
