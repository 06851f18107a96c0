"""Procedures and their families over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from contract.readings import encode
from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import UNAVAILABLE, UNCHANGED
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.procedures.imports import PROCEDURES
from server.procedures.procedures import Family, Procedure
from server.procedures.store import read_families, read_procedures
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing
from server.tabular.schemas import body_of
from server.web.conditional import answer_unless_held, tag_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["procedures"])

READS = Depends(allow(Right.READ_CATALOGUE))
WRITES = Depends(allow(Right.MANAGE_UNITS))


@router.get(
    "/procedures",
    response_model=list[Procedure],
    responses=UNAVAILABLE | UNCHANGED,
    dependencies=[READS],
)
async def procedures(
    request: Request,
    page: Paged,
    session: ReadSession,
    family: Annotated[str | None, Query(max_length=63, description="Only this family's.")] = None,
) -> Response:
    """The procedures that dossiers are about, with their limits, by code."""
    known = await session.run(read_procedures)
    wanted = [each for each in known.values() if family is None or each.family == family]
    found = page.of(sorted(wanted, key=lambda each: each.code), lambda each: (each.code,))
    body = encode(found)
    return answer_unless_held(request, body, tag_of(body), headers=page.headers)


@router.get(
    "/families",
    response_model=list[Family],
    responses=UNAVAILABLE | UNCHANGED,
    dependencies=[READS],
)
async def families(request: Request, page: Paged, session: ReadSession) -> Response:
    """The fields of administration that group procedures."""
    found = page.of(await session.run(read_families), lambda each: (each.id,))
    body = encode(found)
    return answer_unless_held(request, body, tag_of(body), headers=page.headers)


@router.put(
    "/procedures",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(PROCEDURES.record),
    dependencies=[WRITES],
)
async def put_procedures(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store procedures and limits; a batch with a wrong record is refused with status 422."""
    return await answer_batch(request, session, recorder, PROCEDURES, key, keep_going=keep_going)


@router.post(
    "/imports/procedures",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[WRITES],
)
async def import_procedures(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of procedures, their families and limits."""
    return await upload.answer(PROCEDURES, file, dry_run=dry_run, keep_going=keep_going)
