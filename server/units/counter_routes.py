"""The counters of units over REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.authentication import Who
from server.access.guard import allow
from server.access.responses import UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.periods import today
from server.web.paging import Paged

_SQL = statements("server.units", "units.sql")

router = APIRouter(prefix="/api/v1/counters", tags=["units"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter of a unit; without days it has always been there, and stays."""

    unit: str
    id: str
    name_vi: str
    name_en: str
    valid_from: date | None
    valid_to: date | None


@router.get("", responses=UNAVAILABLE, dependencies=[Depends(allow(Right.READ_UNITS))])
async def counters(
    page: Paged,
    session: ReadSession,
    who: Who,
    unit: Annotated[
        str | None, Query(max_length=63, pattern=r"^[^\x00]*$", description="Only this unit's.")
    ] = None,
    day: Annotated[date | None, Query(description="Those of this day; else of today.")] = None,
) -> list[Counter]:
    """The counters of a day in the units that the principal may read."""
    of = {"unit": unit, "day": day or today(datetime.now(UTC))}

    async def read(connection: AsyncConnection) -> list[Counter]:
        cursor = connection.cursor(row_factory=class_row(Counter))
        return await (await cursor.execute(_SQL["counters"], of)).fetchall()

    reach = who.reach(Right.READ_UNITS)
    seen = [counter for counter in await session.run(read) if reach.has(counter.unit)]
    return page.of(seen, lambda counter: (counter.unit, counter.id))
