"""Batches of dossiers and of their events over REST."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.dossiers.imports import DOSSIER_RECORD, EVENT_RECORD, dossiers, events
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing, SourceName
from server.tabular.schemas import body_of

router = APIRouter(prefix="/api/v1", tags=["dossiers"])


@router.put(
    "/dossiers",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(DOSSIER_RECORD),
    dependencies=[Depends(allow(Right.WRITE_DOSSIERS))],
)
async def put_dossiers(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    source: SourceName,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store what a system states about dossiers; the newest revision of each counts, whole."""
    return await answer_batch(
        request, session, recorder, dossiers(source), key, keep_going=keep_going
    )


@router.post(
    "/dossier-events",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(EVENT_RECORD),
    dependencies=[Depends(allow(Right.WRITE_DOSSIERS))],
)
async def post_events(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    source: SourceName,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store events of dossiers, in any order; an id that comes again is a correction."""
    return await answer_batch(
        request, session, recorder, events(source), key, keep_going=keep_going
    )


@router.post(
    "/imports/dossiers",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[Depends(allow(Right.WRITE_DOSSIERS))],
)
async def import_dossiers(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of dossiers."""
    return await upload.answer(dossiers(), file, dry_run=dry_run, keep_going=keep_going)
