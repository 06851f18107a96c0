"""The quarantine over REST."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.quarantine.store import QuarantineEntry, read_quarantine

NEWEST = 2**63 - 1
"""Above every quarantine id."""

router = APIRouter(prefix="/api/v1/quarantine", tags=["quarantine"])


@router.get("", dependencies=[Depends(allow(Right.READ_QUARANTINE))])
async def quarantine(
    session: ReadSession,
    before: Annotated[int, Query(ge=1, description="Only entries with a smaller id.")] = NEWEST,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[QuarantineEntry]:
    """Messages that could not be understood, the newest first."""
    return await session.run(partial(read_quarantine, before=before, limit=limit))
