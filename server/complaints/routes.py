"""Batches of complaints over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from psycopg import AsyncConnection

from server.access.guard import allow
from server.access.responses import REFUSED, UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.batches.answers import WITHIN_S, BatchAnswer
from server.batches.requests import described, read_batch
from server.complaints.batches import ComplaintBody, take_complaints

router = APIRouter(prefix="/api/v1", tags=["complaints"])


@router.put(
    "/complaints",
    openapi_extra=described(ComplaintBody),
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_COMPLAINTS))],
)
async def put_complaints(
    request: Request,
    session: WriteSession,
    idempotency_key: Annotated[
        str | None,
        Header(description="A name of your own for this batch: sent again, it is answered again."),
    ] = None,
) -> BatchAnswer:
    """Store what a system states about complaints; the newest revision of each counts, whole."""
    del idempotency_key  # read with the body; named here for the documentation
    batch, source, records = await read_batch(request)
    now = datetime.now(UTC)

    async def work(connection: AsyncConnection) -> BatchAnswer:
        return await take_complaints(connection, records, source, now)

    return await session.run(lambda connection: batch.answer(connection, work), within_s=WITHIN_S)
