"""Control limits of a place's figures over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection

from contract.readings import Reading, encode
from server.access.authentication import Who
from server.access.guard import At, allow, officers_seen
from server.access.recording import Rec, officers_recorded
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.alerts.control import ControlAnswer, control
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.readings.readings import Question, kpis_named
from server.readings.routes import note_named
from server.readings.store import read_readings
from server.scopes import Scope

router = APIRouter(prefix="/api/v1", tags=["KPIs"])


@router.get(
    "/control-limits",
    response_model=ControlAnswer,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.SCOPE)), Depends(officers_recorded)],
)
async def control_limits(
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    kpi: Annotated[list[str], Query(min_length=1, description="KPIs of the catalogue.")],
    period: Annotated[str, Query(description="As in `/readings`; `now` has no limits.")],
    by: Annotated[Step, Query(description="The parts that are judged.")],
    scope: Annotated[str, Query(description="As in `/readings`.")] = "province",
) -> Response:
    """The control limits of figures over time: Laney's p-prime for shares, XmR for all others.

    They rest on the readings that come with them, which are what `/readings` answers to the same
    question. A KPI with fewer than ten whole, ended parts that have a figure has none.
    """

    async def read(connection: AsyncConnection) -> ControlAnswer:
        now = datetime.now(UTC)
        whole, place = Period.parse(period, now), Scope.parse(scope)
        kpis = kpis_named(kpi, place, whole)
        question = Question(kpis=kpis, scope=place, period=whole, step=by)
        found = await read_readings(connection, question, now, officers_seen(who))
        told = (control(BY_ID[name].measure, each, whole, now) for name, each in _by_kpi(found))
        limits = tuple(each for each in told if each)
        return ControlAnswer(computed_at=now, readings=tuple(found), limits=limits)

    answer = await session.run(read)
    await note_named(writing, recorder, answer.readings, Scope.parse(scope))
    return Response(encode(answer), media_type="application/json")


def _by_kpi(found: list[Reading]) -> list[tuple[str, list[Reading]]]:
    return [(name, list(each)) for name, each in groupby(found, key=lambda one: one.kpi)]
