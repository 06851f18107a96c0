"""Batches of complaints over REST."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.complaints.imports import COMPLAINT_RECORD, complaints
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing, SourceName
from server.tabular.schemas import body_of

router = APIRouter(prefix="/api/v1", tags=["complaints"])


@router.put(
    "/complaints",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(COMPLAINT_RECORD),
    dependencies=[Depends(allow(Right.WRITE_COMPLAINTS))],
)
async def put_complaints(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    source: SourceName,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store what a system states about complaints; the newest revision of each counts, whole."""
    return await answer_batch(
        request, session, recorder, complaints(source), key, keep_going=keep_going
    )


@router.post(
    "/imports/complaints",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[Depends(allow(Right.WRITE_COMPLAINTS))],
)
async def import_complaints(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of complaints."""
    return await upload.answer(complaints(), file, dry_run=dry_run, keep_going=keep_going)
