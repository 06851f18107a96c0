"""Batches of complaints over REST."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from contract.local_time import instant
from server.access.authentication import Who
from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.complaints.imports import COMPLAINT_RECORD, complaints
from server.complaints.listed import ComplaintListed, ComplaintsWanted, list_complaints
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing, SourceName
from server.tabular.schemas import body_of
from server.web.paging import Paged, named

USUAL = 100
"""Complaints of a page that names no limit."""

router = APIRouter(prefix="/api/v1", tags=["complaints"])


@router.get(
    "/complaints",
    responses=UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_COMPLAINTS))],
)
async def complaints_listed(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[str | None, named("Only this unit's.")] = None,
    since: Annotated[datetime | None, Query(description="Received then or later.")] = None,
    until: Annotated[datetime | None, Query(description="Received before.")] = None,
    open_: Annotated[
        bool | None, Query(alias="open", description="true: not ended yet; false: ended.")
    ] = None,
) -> list[ComplaintListed]:
    """Complaints in the units that the principal may read, by id, 100 a page without a `limit`.

    Neither what one says is told, nor who is meant.
    """
    page = page.bounded(USUAL)
    units = who.reach(Right.READ_COMPLAINTS).within(unit)
    wanted = ComplaintsWanted(units=units, since=instant(since), until=instant(until), open=open_)
    read = partial(list_complaints, wanted=wanted, after=page.text(), limit=page.one_more)
    return page.cut(await session.run(read), lambda complaint: (complaint.id,))


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
