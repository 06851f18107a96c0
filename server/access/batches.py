"""Answers a batch of records that came over REST."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request, Response
from psycopg import AsyncConnection

from server.access.recording import Recorder
from server.access.responses import Documented
from server.access.sessions import Writer
from server.audit.entries import Action
from server.tabular.batches import STORE_WITHIN_S, BatchAnswer, take_batch
from server.tabular.imports import Kind
from server.web.problems import MEDIA_TYPE

REFUSED_BATCH: Documented = {
    422: {
        "model": BatchAnswer,
        "description": "Nothing is stored: `faults` says why. A body that is no batch, and a key "
        "that came with another one, are told as a problem.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
    }
}


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
