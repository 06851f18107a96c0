"""Batches of dossiers and of their events over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from psycopg import AsyncConnection

from runtime.settings import read_settings
from server.access.guard import allow
from server.access.responses import REFUSED, UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.batches.answers import WITHIN_S, BatchAnswer
from server.batches.requests import described, read_batch
from server.dossiers.batches import take_dossiers, take_events
from server.dossiers.bodies import DossierBody, EventBody
from server.dossiers.privacy import ApplicantSettings

router = APIRouter(prefix="/api/v1", tags=["dossiers"])

IdempotencyKey = Annotated[
    str | None,
    Header(description="A name of your own for this batch: sent again, it is answered again."),
]


@router.put(
    "/dossiers",
    openapi_extra=described(DossierBody),
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_DOSSIERS))],
)
async def put_dossiers(
    request: Request, session: WriteSession, idempotency_key: IdempotencyKey = None
) -> BatchAnswer:
    """Store what a system states about dossiers; the newest revision of each counts, whole."""
    del idempotency_key  # read with the body; named here for the documentation
    batch, source, records = await read_batch(request)
    settings = read_settings(ApplicantSettings)
    now = datetime.now(UTC)

    async def work(connection: AsyncConnection) -> BatchAnswer:
        return await take_dossiers(connection, records, source, now, settings)

    return await session.run(lambda connection: batch.answer(connection, work), within_s=WITHIN_S)


@router.post(
    "/dossier-events",
    openapi_extra=described(EventBody),
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_DOSSIERS))],
)
async def post_events(
    request: Request, session: WriteSession, idempotency_key: IdempotencyKey = None
) -> BatchAnswer:
    """Store events of dossiers, in any order; an id that comes again is a correction."""
    del idempotency_key
    batch, source, records = await read_batch(request)
    now = datetime.now(UTC)

    async def work(connection: AsyncConnection) -> BatchAnswer:
        return await take_events(connection, records, source, now)

    return await session.run(lambda connection: batch.answer(connection, work), within_s=WITHIN_S)
