"""The sources over REST."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server.access.guard import allow
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.sources.store import SourceStatus, read_sources
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


@router.get("", responses=UNAVAILABLE, dependencies=[Depends(allow(Right.READ_SOURCES))])
async def sources(page: Paged, session: ReadSession) -> list[SourceStatus]:
    """How far each source has been read, what went wrong, and what of it was refused."""
    return page.following(await session.run(read_sources), lambda source: source.id)
