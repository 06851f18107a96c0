"""Answers a batch of records that came over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from psycopg import AsyncConnection

from server.access.guard import allow
from server.access.recording import Rec, Recorder
from server.access.responses import UNAVAILABLE, Documented
from server.access.rights import Right
from server.access.sessions import Writer, WriteSession
from server.audit.entries import Action
from server.tabular.batches import (
    STORE_WITHIN_S,
    BatchAnswer,
    IdempotencyKey,
    KeepGoing,
    SourceName,
    take_batch,
)
from server.tabular.imports import Kind
from server.tabular.schemas import body_of
from server.web.problems import MEDIA_TYPE

REFUSED_BATCH: Documented = {
    422: {
        "model": BatchAnswer,
        "description": "Nothing is stored: `faults` says why. A body that is no batch, and a key "
        "that came with another one, are told as a problem.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
    }
}


def add_batches(router: APIRouter, name: str, kind: Kind[Any], *, right: Right, told: str) -> None:
    """Let `PUT /NAME` store batches of a kind for whoever has the right; `told` says of what."""

    async def put(
        request: Request,
        session: WriteSession,
        recorder: Rec,
        key: IdempotencyKey,
        keep_going: KeepGoing = False,
    ) -> Response:
        return await answer_batch(request, session, recorder, kind, key, keep_going=keep_going)

    router.add_api_route(
        f"/{name}",
        put,
        methods=["PUT"],
        name=f"put_{name}",
        description=f"{told}; a batch with a wrong record is refused with status 422.",
        response_model=BatchAnswer,
        responses=REFUSED_BATCH | UNAVAILABLE,
        openapi_extra=body_of(kind.record),
        dependencies=[Depends(allow(right))],
    )


def add_stated(
    router: APIRouter,
    method: str,
    name: str,
    kind_of: Callable[[str], Kind[Any]],
    *,
    right: Right,
    told: str,
) -> None:
    """Let `METHOD /NAME` store batches that name the system they come from.

    `kind_of` returns how the records of a system are stored; `told` describes the route.
    """
    noun = name.rpartition("-")[2]

    async def take(
        request: Request,
        session: WriteSession,
        recorder: Rec,
        source: SourceName,
        key: IdempotencyKey,
        keep_going: KeepGoing = False,
    ) -> Response:
        kind = kind_of(source)
        return await answer_batch(request, session, recorder, kind, key, keep_going=keep_going)

    router.add_api_route(
        f"/{name}",
        take,
        methods=[method],
        name=f"{method.lower()}_{noun}",
        description=told,
        response_model=BatchAnswer,
        responses=REFUSED_BATCH | UNAVAILABLE,
        openapi_extra=body_of(kind_of("").record),
        dependencies=[Depends(allow(right))],
    )


async def answer_batch(
    request: Request,
    session: Writer,
    recorder: Recorder,
    kind: Kind[Any],
    key: str,
    *,
    keep_going: bool,
) -> Response:
    """Return what became of the batch in `request`: status 200, or 422 when nothing is stored.

    That it came is recorded with what became of it, in the same transaction.
    """
    body = await request.body()

    async def write(connection: AsyncConnection) -> BatchAnswer:
        answer = await take_batch(connection, kind, body, key, keep_going=keep_going)
        await recorder.note(
            connection,
            Action.RECORDS_WRITTEN,
            kind.record.kind,
            stored=answer.stored,
            rejected=answer.rejected,
            committed=answer.committed,
            key=key,
            source=request.query_params.get("source", ""),
        )
        return answer

    answer = await session.run(write, within_s=STORE_WITHIN_S)
    return Response(
        msgspec.json.encode(answer),
        status_code=200 if answer.committed else 422,
        media_type="application/json",
    )
