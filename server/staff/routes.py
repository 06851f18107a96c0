"""Officers and rosters over REST: batches in, and who is where."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.access.authentication import Who
from server.access.batches import add_batches
from server.access.guard import allow
from server.access.recording import recorded
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.access.uploads import add_import
from server.audit.entries import Action
from server.periods import today
from server.staff.imports import ASSIGNMENTS, ASSIGNMENTS_FROM_API, STAFF
from server.staff.store import Post, read_staff
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["staff"])

add_batches(router, "staff", STAFF, right=Right.WRITE_STAFF, told="Store officers with their posts")
add_import(
    router,
    "staff",
    STAFF,
    right=Right.WRITE_STAFF,
    told="Check or import a table of officers and their posts.",
)
add_batches(
    router,
    "assignments",
    ASSIGNMENTS_FROM_API,
    right=Right.WRITE_STAFF,
    told="Store who serves where and when",
)
add_import(
    router,
    "assignments",
    ASSIGNMENTS,
    right=Right.WRITE_STAFF,
    told="Check or import a roster: who serves where and when.",
)


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
