"""Batches of dossiers and of their events over REST."""

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
from server.dossiers.imports import DOSSIER_RECORD, EVENT_RECORD, dossiers, events
from server.dossiers.listed import DossierListed, DossiersWanted, list_dossiers
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing, SourceName
from server.tabular.schemas import body_of
from server.web.paging import Paged, named

USUAL = 100
"""Dossiers of a page that names no limit."""

router = APIRouter(prefix="/api/v1", tags=["dossiers"])


@router.get(
    "/dossiers",
    responses=UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_DOSSIERS))],
)
async def dossiers_listed(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[str | None, named("Only what this unit receives or resolves.")] = None,
    procedure: Annotated[str | None, named("Only this procedure's.")] = None,
    since: Annotated[datetime | None, Query(description="Received then or later.")] = None,
    until: Annotated[datetime | None, Query(description="Received before.")] = None,
    open_: Annotated[
        bool | None, Query(alias="open", description="true: not ended yet; false: ended.")
    ] = None,
) -> list[DossierListed]:
    """Dossiers in the units that the principal may read, by code, 100 a page without a `limit`.

    Neither who handed one in is told, nor who works on it.
    """
    page = page.bounded(USUAL)
    units = who.reach(Right.READ_DOSSIERS).within(unit)
    wanted = DossiersWanted(
        units=units,
        procedure=procedure,
        since=instant(since),
        until=instant(until),
        open=open_,
    )
    read = partial(list_dossiers, wanted=wanted, after=page.text(), limit=page.one_more)
    return page.cut(await session.run(read), lambda dossier: (dossier.code,))


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
