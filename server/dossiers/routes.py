"""Batches of dossiers and of their events over REST."""

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
from server.dossiers.imports import dossiers, events
from server.dossiers.listed import DossierListed, DossiersWanted, list_dossiers
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


add_stated(
    router,
    "PUT",
    "dossiers",
    dossiers,
    right=Right.WRITE_DOSSIERS,
    told="Store what a system states about dossiers; the newest revision of each counts, whole.",
)
add_stated(
    router,
    "POST",
    "dossier-events",
    events,
    right=Right.WRITE_DOSSIERS,
    told="Store events of dossiers, in any order; an id that comes again is a correction.",
)
add_import(
    router,
    "dossiers",
    dossiers(),
    right=Right.WRITE_DOSSIERS,
    told="Check or import a table of dossiers.",
)
