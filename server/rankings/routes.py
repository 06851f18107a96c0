"""Rankings of units over REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection

from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import At, allow, officers_seen
from server.access.recording import Rec
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.periods import Period
from server.rankings.store import RankedKind, rank, read_counts
from server.rankings.tables import Count

router = APIRouter(prefix="/api/v1", tags=["rankings"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Units of each kind ranked by a share; `computed_at` is the server's clock."""

    computed_at: datetime
    kpi: str
    period: str
    kinds: tuple[RankedKind, ...]


@router.get(
    "/rankings",
    response_model=Ranking,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.SCOPE))],
)
async def rankings(
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    kpi: Annotated[
        str, Query(description="share_satisfied, waited_within_15 or dossiers_on_time.")
    ] = "share_satisfied",
    period: Annotated[
        str,
        Query(
            description="2026-10-31, 2026-W44, 2026-10, 2026-Q4, 2026, or, for what is not about "
            "people, a range."
        ),
    ] = "month",
) -> Response:
    """Units ranked within their kind, with 90 % ranges: who has too few cases has no rank."""
    now = datetime.now(UTC)
    asked = Period.parse(period, now)

    async def read(connection: AsyncConnection) -> dict[str, list[Count]]:
        return await read_counts(connection, kpi, asked, now, officers_seen(who))

    counts = await session.run(read)
    if any(count.named for each in counts.values() for count in each):
        look = partial(
            recorder.note,
            action=Action.OFFICER_SEEN,
            subject="province",
            kpis=[kpi],
            period=str(asked),
            because="few_officers",
        )
        await writing.run(look)
    kinds = await rank(counts, question=f"{kpi} {asked}")
    answer = Ranking(computed_at=now, kpi=kpi, period=str(asked), kinds=kinds)
    return Response(encode(answer), media_type="application/json")
