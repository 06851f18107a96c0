"""The quarantine over REST."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.quarantine.store import QuarantineEntry, read_quarantine
from server.web.paging import Paged

NEWEST = 2**63 - 1
"""Above every quarantine id."""

USUAL = 100
"""Entries of a page that names no limit."""

router = APIRouter(prefix="/api/v1/quarantine", tags=["quarantine"])


@router.get("", dependencies=[Depends(allow(Right.READ_QUARANTINE))])
async def quarantine(
    page: Paged,
    session: ReadSession,
    before: Annotated[
        int,
        Query(ge=1, le=NEWEST, deprecated=True, description="Only smaller ids; take `after`."),
    ] = NEWEST,
) -> list[QuarantineEntry]:
    """Messages that could not be understood, the newest first; 100 a page without a `limit`."""
    page = page.bounded(USUAL)
    before = min(before, page.number(NEWEST))
    found = await session.run(partial(read_quarantine, before=before, limit=page.one_more))
    return page.cut(found, lambda entry: (entry.id,))
