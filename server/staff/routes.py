"""Officers and rosters over REST: batches in, and who is where."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from server.access.authentication import Who
from server.access.batches import REFUSED_BATCH, answer_batch
from server.access.guard import allow
from server.access.recording import Rec, recorded
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.access.uploads import FILE_BODY, REFUSED_FILE, DryRun, FileAnswer, FileName, Uploaded
from server.audit.entries import Action
from server.periods import today
from server.staff.imports import ASSIGNMENT, ASSIGNMENTS, ASSIGNMENTS_FROM_API, POST, STAFF
from server.staff.store import Post, read_staff
from server.tabular.batches import BatchAnswer, IdempotencyKey, KeepGoing
from server.tabular.schemas import body_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["staff"])


@router.put(
    "/staff",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(POST),
    dependencies=[Depends(allow(Right.WRITE_STAFF))],
)
async def put_staff(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store officers with their posts; a batch with a wrong record is refused with status 422."""
    return await answer_batch(request, session, recorder, STAFF, key, keep_going=keep_going)


@router.put(
    "/assignments",
    response_model=BatchAnswer,
    responses=REFUSED_BATCH | UNAVAILABLE,
    openapi_extra=body_of(ASSIGNMENT),
    dependencies=[Depends(allow(Right.WRITE_STAFF))],
)
async def put_assignments(
    request: Request,
    session: WriteSession,
    recorder: Rec,
    key: IdempotencyKey,
    keep_going: KeepGoing = False,
) -> Response:
    """Store who serves where and when; a batch with a wrong record is refused with status 422."""
    kind = ASSIGNMENTS_FROM_API
    return await answer_batch(request, session, recorder, kind, key, keep_going=keep_going)


@router.get(
    "/staff",
    responses=UNAVAILABLE,
    dependencies=[
        Depends(allow(Right.READ_STAFF)),
        Depends(recorded(Action.STAFF_SEEN, "unit")),
    ],
)
async def staff(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[str | None, Query(description="Only this unit's.")] = None,
) -> list[Post]:
    """Officers with their posts of today, in the units that the principal may read: the one place
    that tells their names.
    """
    reach = who.reach(Right.READ_STAFF)
    read = partial(read_staff, day=today(datetime.now(UTC)), unit=unit)
    seen = [post for post in await session.run(read) if reach.has(post.unit)]
    return page.of(seen, lambda post: (post.code, post.unit))


@router.post(
    "/imports/staff",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[Depends(allow(Right.WRITE_STAFF))],
)
async def import_staff(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a table of officers and their posts."""
    return await upload.answer(STAFF, file, dry_run=dry_run, keep_going=keep_going)


@router.post(
    "/imports/assignments",
    response_model=FileAnswer,
    responses=REFUSED_FILE | UNAVAILABLE,
    openapi_extra=FILE_BODY,
    dependencies=[Depends(allow(Right.WRITE_STAFF))],
)
async def import_assignments(
    upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
) -> Response:
    """Check or import a roster: who serves where and when."""
    return await upload.answer(ASSIGNMENTS, file, dry_run=dry_run, keep_going=keep_going)
