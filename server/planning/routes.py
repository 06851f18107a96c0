"""The counters that a unit needs by weekday and hour over REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection

from contract.readings import encode
from server.access.guard import At, allow
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.periods import Period, today
from server.planning.counters import HourTotals, WeekPlan, plan_week
from server.planning.store import read_week
from server.units.store import read_tree

router = APIRouter(prefix="/api/v1", tags=["planning"])

_WEEKS = timedelta(weeks=12)
"""Twelve of each hour of the week, as far as nothing else is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The hours of one unit's week; `computed_at` is the server's clock."""

    computed_at: datetime
    unit: str
    period: str
    week: WeekPlan


@router.get(
    "/planning",
    response_model=Planning,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.UNIT_ASKED))],
)
async def planning(
    session: ReadSession,
    unit: Annotated[str, Query(description="A unit of today's tree, by its id.")],
    period: Annotated[
        str | None,
        Query(
            description="2026-10, 2026-Q4, 2026, or a range; without one the last twelve weeks "
            "until yesterday."
        ),
    ] = None,
) -> Response:
    """Counters needed by weekday and hour for an average wait of 15 minutes, planned and open."""
    now = datetime.now(UTC)
    day = today(now)
    asked = (
        Period.range(day - _WEEKS, day - timedelta(days=1))
        if period is None
        else Period.parse(period, now)
    )

    async def read(connection: AsyncConnection) -> list[HourTotals]:
        return await read_week(connection, unit, await read_tree(connection, day), asked)

    week = plan_week(await session.run(read))
    answer = Planning(computed_at=now, unit=unit, period=str(asked), week=week)
    return Response(encode(answer), media_type="application/json")
