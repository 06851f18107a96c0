"""Rankings over REST, and why a member stands where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection

from contract.readings import encode
from contract.texts import Language
from server.access.authentication import Who
from server.access.guard import At, allow, officers_seen
from server.access.recording import Rec, officers_recorded
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import NotFound
from server.periods import Period
from server.rankings.answers import Explanation, Ranking, explained, ranked_kinds, sentences
from server.rankings.material import Material, RankingQuestion, rank
from server.rankings.measures import Ranked
from server.rankings.store import read_material
from server.rankings.tables import Row
from server.scopes import Scope
from server.web.conditional import answer_unless_held, tag_of

router = APIRouter(prefix="/api/v1", tags=["rankings"])

KpiText = Annotated[
    str, Query(description="share_satisfied, waited_within_15 or dossiers_on_time.")
]
PeriodText = Annotated[
    str, Query(description="2026-10-31, 2026-W44, 2026-10, 2026-Q4, 2026, or a range.")
]
ScopeText = Annotated[
    str, Query(description="province, or subtree:UNIT for what lies within it alone.")
]
By = Annotated[Ranked, Query(description="What is ranked; officers only for whoever may see them.")]


@router.get(
    "/rankings",
    response_model=Ranking,
    responses=UNKNOWN | REFUSED | UNAVAILABLE | UNCHANGED,
    dependencies=[
        Depends(allow(Right.READ_FIGURES, At.SCOPE)),
        Depends(officers_recorded),
    ],
)
async def rankings(
    request: Request,
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    kpi: KpiText = "share_satisfied",
    period: PeriodText = "month",
    by: By = Ranked.UNIT,
    scope: ScopeText = "province",
    compare: Annotated[
        bool, Query(description="Also how each changed since the period before.")
    ] = False,
) -> Response:
    """Members ranked within their kind, with 90 % ranges, groups, flags and a funnel.

    Who has fewer than 100 cases is not ranked, who has fewer than 30 is not shown.
    """
    now = datetime.now(UTC)
    question = RankingQuestion(
        kpi=kpi,
        period=Period.parse(period, now),
        by=by,
        scope=Scope.parse(scope),
        compared=compare,
    )
    tables = await rank(await _material(session, question, now, who))
    named = any(row.named for table in tables.values() for row in table.rows)
    await _note_named(writing, recorder, question, named=named)
    answer = Ranking(
        computed_at=now,
        kpi=kpi,
        period=str(question.period),
        by=by,
        running=question.period.is_running(now),
        kinds=ranked_kinds(tables),
    )
    tag = tag_of(encode((answer.period, answer.running, answer.kinds)))
    return answer_unless_held(request, encode(answer), tag)


@router.get(
    "/rankings/explanation",
    response_model=Explanation,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[
        Depends(allow(Right.READ_FIGURES, At.SCOPE)),
        Depends(officers_recorded),
    ],
)
async def explanation(
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    member: Annotated[str, Query(description="As rankings name it.")],
    kpi: KpiText = "share_satisfied",
    period: PeriodText = "month",
    by: By = Ranked.UNIT,
    scope: ScopeText = "province",
) -> Response:
    """Why a member stands where it stands, and what moved it since the period before.

    In plain words; what the parts say adds up to the difference.
    """
    now = datetime.now(UTC)
    question = RankingQuestion(
        kpi=kpi,
        period=Period.parse(period, now),
        by=by,
        scope=Scope.parse(scope),
        compared=True,
    )
    found = explained(await rank(await _material(session, question, now, who)), member)
    if found is None:
        raise NotFound(f"{member!r} is not among what is ranked in {question.period}")
    kind, row, table = found
    await _note_named(writing, recorder, question, named=row.named)
    answer = Explanation(
        computed_at=now,
        kpi=kpi,
        period=str(question.period),
        kind=kind,
        row=row,
        incomparable_with=table.incomparable_with(_within(row, by)),
        vi=sentences(row, table, Language.VI),
        en=sentences(row, table, Language.EN),
    )
    return Response(encode(answer), media_type="application/json")


def _within(row: Row, by: Ranked) -> str:
    """Return a member as its table names it."""
    return f"{row.unit}/{row.member}" if by is Ranked.OFFICER else row.member


async def _material(
    session: ReadSession, question: RankingQuestion, now: datetime, who: Who
) -> Material:
    async def read(connection: AsyncConnection) -> Material:
        return await read_material(connection, question, now, officers_seen(who))

    return await session.run(read)


async def _note_named(
    writing: WriteSession, recorder: Rec, question: RankingQuestion, *, named: bool
) -> None:
    """Record a look at figures that name officers because few served."""
    if named:
        await writing.run(
            partial(
                recorder.note,
                action=Action.OFFICER_SEEN,
                subject=str(question.scope),
                kpis=[question.kpi],
                period=str(question.period),
                because="few_officers",
            )
        )
