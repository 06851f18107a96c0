"""Batches of complaints over REST."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contract.local_time import instant
from server.access.authentication import Who
from server.access.batches import add_stated
from server.access.guard import allow
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.access.uploads import add_import
from server.complaints.imports import complaints
from server.complaints.listed import ComplaintListed, ComplaintsWanted, list_complaints
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


add_stated(
    router,
    "PUT",
    "complaints",
    complaints,
    right=Right.WRITE_COMPLAINTS,
    told="Store what a system states about complaints; the newest revision of each counts, whole.",
)
add_import(
    router,
    "complaints",
    complaints(),
    right=Right.WRITE_COMPLAINTS,
    told="Check or import a table of complaints.",
)
