"""The audit log over REST, for auditors."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.access.guard import allow
from server.access.recording import recorded
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.audit.entries import Action, StoredEntry
from server.audit.store import read_entries
from server.web.paging import Paged

NEWEST = 2**63 - 1
"""Above every entry's number."""

USUAL = 100
"""Entries of a page that names no limit."""

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


@router.get(
    "",
    responses=UNAVAILABLE,
    dependencies=[
        Depends(allow(Right.READ_AUDIT)),
        Depends(recorded(Action.AUDIT_READ, "actor", "subject")),
    ],
)
async def audit(
    page: Paged,
    session: ReadSession,
    before: Annotated[
        int,
        Query(ge=1, le=NEWEST, deprecated=True, description="Only smaller ids; take `after`."),
    ] = NEWEST,
    actor: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$")] = None,
    subject: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
    since: datetime | None = None,
) -> list[StoredEntry]:
    """What was done and seen, the newest first, 100 a page without a `limit`; reading it is an
    entry, too.
    """
    page = page.bounded(USUAL)
    found = await session.run(
        partial(
            read_entries,
            before=min(before, page.number(NEWEST)),
            limit=page.one_more,
            actor=actor,
            subject=subject,
            since=since,
        )
    )
    return page.cut(found, lambda entry: (entry.id,))
