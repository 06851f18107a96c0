"""Rosters over REST: who is assigned where on a day, and who serves at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import recorded
from server.access.responses import UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.audit.entries import Action
from server.periods import today
from server.web.paging import Paged

_SQL = statements("server.staff", "rosters.sql")

router = APIRouter(prefix="/api/v1", tags=["staff"])

Code = Annotated[str, Query(max_length=63, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An officer at a counter, or in a unit without one, from one instant until another."""

    id: str
    officer: str
    name: str
    unit: str
    counter: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Who serves at a counter now; `signed_on` tells a sign-on from what the roster says."""

    counter: str
    officer: str
    name: str
    since: datetime
    until: datetime
    signed_on: bool


@router.get(
    "/assignments",
    responses=UNAVAILABLE,
    dependencies=[
        Depends(allow(Right.READ_STAFF)),
        Depends(recorded(Action.STAFF_SEEN, "unit")),
    ],
)
async def assignments(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[Code | None, Query(description="Only this unit's.")] = None,
    day: Annotated[date | None, Query(description="Those of this day; else of today.")] = None,
) -> list[Shift]:
    """The roster of a day in the units whose staff the principal may read."""
    of = {"unit": unit, "day": day or today(datetime.now(UTC))}

    async def read(connection: AsyncConnection) -> list[Shift]:
        cursor = connection.cursor(row_factory=class_row(Shift))
        return await (await cursor.execute(_SQL["shifts"], of)).fetchall()

    reach = who.reach(Right.READ_STAFF)
    seen = [each for each in await session.run(read) if reach.has(each.unit)]
    return page.of(seen, lambda each: (each.unit, each.id))


@router.get(
    "/serving",
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[
        Depends(allow(Right.READ_STAFF, At.UNIT_ASKED)),
        Depends(recorded(Action.STAFF_SEEN, "unit")),
    ],
)
async def serving(unit: Code, session: ReadSession) -> list[Serving]:
    """Who serves at each counter of a unit at this moment: by sign-on where the principal may read
    officers' figures there, else by the roster.
    """
    of = {"unit": unit, "now": datetime.now(UTC)}

    async def read(connection: AsyncConnection) -> list[Serving]:
        cursor = connection.cursor(row_factory=class_row(Serving))
        return await (await cursor.execute(_SQL["serving"], of)).fetchall()

    return await session.run(read)
