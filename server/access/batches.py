"""Answers a batch of records that came over REST."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from fastapi import Request, Response

from server.access.responses import Documented
from server.access.sessions import Writer
from server.tabular.batches import STORE_WITHIN_S, BatchAnswer, take_batch
from server.tabular.imports import Kind

REFUSED_BATCH: Documented = {
    422: {
        "model": BatchAnswer,
        "description": "Nothing is stored: `faults` says why. A body that is no batch, and a key "
        "that came with another one, are answered with `detail` alone.",
    }
}


async def answer_batch(
    request: Request, session: Writer, kind: Kind[Any], key: str, *, keep_going: bool
) -> Response:
    """Return what became of the batch in `request`: status 200, or 422 when nothing is stored."""
    body = await request.body()
    take = partial(take_batch, kind=kind, body=body, key=key, keep_going=keep_going)
    answer = await session.run(take, within_s=STORE_WITHIN_S)
    return Response(
        msgspec.json.encode(answer),
        status_code=200 if answer.committed else 422,
        media_type="application/json",
    )
