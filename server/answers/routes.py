"""Figures of what telephones answered, over REST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection

from runtime.sql import statements
from server.access.guard import At, allow
from server.access.responses import REFUSED, UNAVAILABLE
from server.access.rights import Right
from server.access.sessions import OwnSession
from server.answers.answers import Answered, answered
from server.errors import RequestInvalid
from server.periods import Period
from server.phone.questions import GROUP_OF, question_sets
from server.scopes import Scope

router = APIRouter(prefix="/api/v1/answers", tags=["comments"])

_SQL = statements("server.answers", "answers.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The questions of a unit that have figures in a period; told in groups of `group_of`."""

    computed_at: datetime
    unit: str
    period: str
    group_of: int
    questions: tuple[Answered, ...]


@router.get(
    "",
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_COMMENTS, At.UNIT_ASKED))],
)
async def answers(
    session: OwnSession,
    unit: Annotated[str, Query(max_length=63)],
    period: Annotated[
        str, Query(description="A day, week, month, quarter or year: 2026-10, 2026-Q4, 2026.")
    ],
) -> Answers:
    """What was answered beside ratings on telephones, by question, in groups of ten or more.

    Answers of a question wait until there are ten; all that wait are told on the day of the
    newest. Ranges of days are refused: their differences would be of a few people.
    """
    now = datetime.now(UTC)
    Scope.parse(f"unit:{unit}")  # says what is wrong with one that cannot be
    asked = Period.parse(period, now)
    if asked.step is None:
        raise RequestInvalid("answers are told by day, week, month, quarter and year")
    days = {"unit": unit, "first": asked.first, "end": asked.end}

    async def read(connection: AsyncConnection) -> list[Answered]:
        rows = await (await connection.execute(_SQL["answers"], days)).fetchall()
        return answered([(row[0], row[1], row[2], row[3]) for row in rows], question_sets())

    return Answers(
        computed_at=now,
        unit=unit,
        period=str(asked),
        group_of=GROUP_OF,
        questions=tuple(await session.run(read)),
    )
