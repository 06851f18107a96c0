"""What the province's steering centre fetches: flat figures as JSON or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection

from contract.readings import encode
from contract.texts import Language
from server.access.guard import At, allow
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN, Documented
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.exports.flat import FlatFigure, as_csv, flatten
from server.periods import Period, Step, today
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import Scope
from server.units.store import read_tree
from server.web.conditional import answer_unless_held, tag_of

router = APIRouter(prefix="/api/v1/ioc", tags=["steering centre"])


CSV = "text/csv; charset=utf-8; header=present"
IN_CSV: Documented = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class Format(StrEnum):
    """How figures are written."""

    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatFigures:
    """The rows, and the server's clock when they were computed."""

    computed_at: datetime
    figures: tuple[FlatFigure, ...]


@router.get(
    "/figures",
    response_model=FlatFigures,
    responses=UNKNOWN | REFUSED | UNAVAILABLE | UNCHANGED | IN_CSV,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.SCOPE))],
)
async def figures(
    request: Request,
    session: ReadSession,
    period: Annotated[str, Query(description="As in /readings; without one, today.")] = "day",
    kpi: Annotated[
        list[str] | None, Query(description="KPIs of the catalogue; without any, all.")
    ] = None,
    scope: Annotated[str, Query(description="province or subtree:UNIT.")] = "province",
    by: Annotated[
        Literal["unit"] | None, Query(description="unit: a row for each unit of the scope.")
    ] = None,
    step: Annotated[
        Step | None, Query(description="A row for each day, week, month, quarter or year.")
    ] = None,
    lang: Annotated[Language, Query(description="The language of the names.")] = Language.VI,
    format_: Annotated[Format, Query(alias="format", description="json or csv.")] = Format.JSON,
) -> Response:
    """The figures of the province or of its units, one row a KPI, place and period."""
    now = datetime.now(UTC)
    wanted, place = Period.parse(period, now), Scope.parse(scope)
    places = None if by is None else Breakdown(by)
    question = Question(
        kpis=kpis_named(kpi or [], place, wanted, places),
        scope=place,
        period=wanted,
        by=places,
        step=step,
    )

    async def read(connection: AsyncConnection) -> list[FlatFigure]:
        readings = await read_readings(connection, question, now)
        return flatten(readings, await read_tree(connection, today(now)), lang)

    found = await session.run(read)
    tag = tag_of(encode((found, format_)))
    if format_ is Format.CSV:
        return answer_unless_held(request, as_csv(found, FlatFigure).encode(), tag, media_type=CSV)
    answer = FlatFigures(computed_at=now, figures=tuple(found))
    return answer_unless_held(request, encode(answer), tag)
