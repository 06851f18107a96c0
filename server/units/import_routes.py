"""Units and counters over REST: batches in, and files that are tried first."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing
from server.tabular.schemas import body_of
from server.units.imports import COUNTER, COUNTERS, UNIT, UNITS

router = APIRouter(prefix="/api/v1", tags=["units"])

WRITES = Depends(allow(Right.MANAGE_UNITS))


@router.put(
    "/units",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(UNIT),
    dependencies=[WRITES],
)
async def put_units(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store units with their days; a batch with a wrong record is refused with status 422."""
    return await answer_batch(request, session, recorder, UNITS, key, keep_going=keep_going)


@router.put(
    "/counters",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(COUNTER),
    dependencies=[WRITES],
)
async def put_counters(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store counters of units; a batch with a wrong record is refused with status 422."""
    return await answer_batch(request, session, recorder, COUNTERS, key, keep_going=keep_going)


@router.post(
    "/imports/units",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[WRITES],
)
async def import_units(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of units and their mergers."""
    return await upload.answer(UNITS, file, dry_run=dry_run, keep_going=keep_going)


@router.post(
    "/imports/counters",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[WRITES],
)
async def import_counters(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of counters."""
    return await upload.answer(COUNTERS, file, dry_run=dry_run, keep_going=keep_going)
