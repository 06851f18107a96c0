"""The catalogue and the readings of any scope and period over REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection

from contract.readings import KpiDefinition, Reading, encode
from server.access.guard import allow
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.errors import BreakdownInvalid
from server.kpi.catalogue import definitions
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import Scope
from server.units.units import TreeView

router = APIRouter(prefix="/api/v1", tags=["KPIs"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The answer to a question, and the server's clock when it was computed."""

    computed_at: datetime
    readings: tuple[Reading, ...]


@router.get(
    "/catalogue",
    response_model=list[KpiDefinition],
    dependencies=[Depends(allow(Right.READ_CATALOGUE))],
)
async def catalogue() -> Response:
    """The KPI catalogue: what each figure means and when it is withheld."""
    return _json(definitions())


@router.get(
    "/readings",
    response_model=Readings,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def readings(
    session: ReadSession,
    kpi: Annotated[
        list[str] | None, Query(description="KPIs of the catalogue; without any, all.")
    ] = None,
    scope: Annotated[
        str,
        Query(
            description="province, subtree:UNIT, unit:UNIT or counter:UNIT/COUNTER; narrowed by "
            ";family:ID, ;procedure:CODE, ;channel:NAME, ;officer:CODE."
        ),
    ] = "province",
    period: Annotated[
        str | None,
        Query(
            description="now; 2026-10-31, 2026-W44, 2026-10, 2026-Q4, 2026; "
            "2026-10-01..2026-10-15; or the running day, week, month, quarter, year. Without one, "
            "each KPI in its own timing: now, or today."
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        Query(
            description="At most one of unit, counter, family, procedure, channel and officer, "
            "and one of day, week, month, quarter and year."
        ),
    ] = None,
    tree: Annotated[
        TreeView,
        Query(
            description="now: by today's units, merged ones counted for their successors; then: "
            "by the units of each day, also those that are no more."
        ),
    ] = TreeView.NOW,
) -> Response:
    """Readings of any KPIs for a scope and a period, whole or broken down."""
    now = datetime.now(UTC)
    wanted = None if period is None else Period.parse(period, now)
    places, step = _breakdown(by or [])
    place = Scope.parse(scope)
    question = Question(
        kpis=kpis_named(kpi or [], place, wanted, places),
        scope=place,
        period=wanted,
        by=places,
        step=step,
        tree=tree,
    )

    async def read(connection: AsyncConnection) -> list[Reading]:
        return await read_readings(connection, question, now)

    return _json(Readings(computed_at=now, readings=tuple(await session.run(read))))


def _breakdown(by: list[str]) -> tuple[Breakdown | None, Step | None]:
    """Return into which places and steps of time to break down; raise BreakdownInvalid."""
    places = [Breakdown(name) for name in by if name in set(Breakdown)]
    steps = [Step(name) for name in by if name in set(Step)]
    if len(places) + len(steps) < len(by) or len(places) > 1 or len(steps) > 1:
        raise BreakdownInvalid(
            f"by={','.join(by)}: at most one of {', '.join(Breakdown)} and one of {', '.join(Step)}"
        )
    return next(iter(places), None), next(iter(steps), None)


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
