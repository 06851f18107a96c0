"""The catalogue and the readings of any scope and period over REST."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection
from starlette.requests import HTTPConnection

from contract.local_time import instant
from contract.readings import KpiDefinition, Reading, Timing, encode
from server.access.authentication import Who
from server.access.guard import At, allow, officers_seen
from server.access.recording import Rec, Recorder, officers_recorded
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, Writer, WriteSession
from server.audit.entries import Action
from server.errors import BreakdownInvalid
from server.kpi.catalogue import definitions
from server.periods import Period, Step, day_of
from server.readings.editions import Edition, Editions
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import Scope
from server.units.units import TreeView
from server.web.conditional import answer_unless_held, tag_of
from server.web.kept import Kept

router = APIRouter(prefix="/api/v1", tags=["KPIs"])


class Comparison(StrEnum):
    """With which other period readings are compared."""

    PREVIOUS = "previous"
    YEAR_BEFORE = "year_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The answer to a question, and the server's clock when it was computed.

    `previous` and `year_before` answer it for the period before and the same one a year earlier.
    Of a closed period `edition` is its newest version, which `/closings/{period}/readings` gives as
    it was signed; what came since may differ from it until it is restated.
    """

    computed_at: datetime
    readings: tuple[Reading, ...]
    previous: tuple[Reading, ...] | None = None
    year_before: tuple[Reading, ...] | None = None
    edition: Edition | None = None

    @property
    def all(self) -> tuple[Reading, ...]:
        """The readings of all periods."""
        return (*self.readings, *(self.previous or ()), *(self.year_before or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Readings, the answer that tells them with its ETag, and whether any names an officer."""

    found: Readings
    body: bytes
    tag: str
    named: bool


async def kept_of(connection: HTTPConnection) -> Kept[Told]:
    """Return the application's readings that were told a moment ago."""
    kept = connection.app.state.kept_readings
    assert isinstance(kept, Kept)
    return kept


Kpis = Annotated[list[str] | None, Query(description="KPIs of the catalogue; without any, all.")]
ScopeText = Annotated[
    str,
    Query(
        description="province, subtree:UNIT, unit:UNIT or counter:UNIT/COUNTER; narrowed by "
        ";family:ID, ;procedure:CODE, ;channel:NAME, ;officer:CODE, "
        ";shift:morning, ;shift:afternoon."
    ),
]
PeriodText = Annotated[
    str | None,
    Query(
        description="now; 2026-10-31, 2026-W44, 2026-10, 2026-Q4, 2026; "
        "2026-10-01..2026-10-15, for figures about people only broken down by one of these; or the "
        "running day, week, month, quarter, year. Without one, each KPI in its own timing: now, "
        "or today."
    ),
]
Parts = Annotated[
    list[str] | None,
    Query(
        description="At most one of unit, counter, family, procedure, channel, officer and shift, "
        "and one of day, week, month, quarter and year."
    ),
]
Comparisons = Annotated[
    list[Comparison] | None,
    Query(description="Also the period before, and the same one a year earlier."),
]
KnownAt = Annotated[
    datetime | None,
    Query(
        description="Only what had been received by then, RFC 3339: messages from raw rows, as far "
        "back as they are kept; dossiers and complaints as they were known then."
    ),
]
Tree = Annotated[
    TreeView,
    Query(
        description="now: by today's units, merged ones counted for their successors; then: "
        "by the units of each day, also those that are no more."
    ),
]


@router.get(
    "/catalogue",
    response_model=list[KpiDefinition],
    responses=UNCHANGED,
    dependencies=[Depends(allow(Right.READ_CATALOGUE))],
)
async def catalogue(request: Request) -> Response:
    """The KPI catalogue: what each figure means and when it is withheld."""
    body = encode(definitions())
    return answer_unless_held(request, body, tag_of(body))


@router.get(
    "/readings",
    response_model=Readings,
    responses=UNKNOWN | REFUSED | UNAVAILABLE | UNCHANGED,
    dependencies=[
        Depends(allow(Right.READ_FIGURES, At.SCOPE)),
        Depends(officers_recorded),
    ],
)
async def readings(
    request: Request,
    kept: Annotated[Kept[Told], Depends(kept_of)],
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    edition_of: Editions,
    kpi: Kpis = None,
    scope: ScopeText = "province",
    period: PeriodText = None,
    by: Parts = None,
    compare: Comparisons = None,
    as_of: KnownAt = None,
    tree: Tree = TreeView.NOW,
) -> Response:
    """Readings of any KPIs for a scope and a period, whole or broken down."""
    seen = officers_seen(who)

    async def tell() -> Told:
        now = datetime.now(UTC)
        question = _question(kpi, scope, period, by, as_of, tree, now)
        asked = {None: question} | {one: _compared(question, one, now) for one in compare or ()}

        async def read(connection: AsyncConnection) -> Readings:
            found = {
                one: tuple(await read_readings(connection, each, now, seen))
                for one, each in asked.items()
            }
            return Readings(
                computed_at=now,
                readings=found[None],
                previous=found.get(Comparison.PREVIOUS),
                year_before=found.get(Comparison.YEAR_BEFORE),
                edition=None
                if question.period is None
                else await edition_of(connection, question.period),
            )

        return _told(await session.run(read))

    told = await kept.answer((session.viewer, seen, request.url.query), tell)
    if told.named:
        await note_named(writing, recorder, told.found.all, Scope.parse(scope))
    return answer_unless_held(request, told.body, told.tag)


def _question(
    kpi: list[str] | None,
    scope: str,
    period: str | None,
    by: list[str] | None,
    as_of: datetime | None,
    tree: TreeView,
    now: datetime,
) -> Question:
    """Return what is asked for; raise RequestInvalid or NotFound."""
    wanted = None if period is None else Period.parse(period, now)
    places, step = _breakdown(by or [])
    place = Scope.parse(scope)
    return Question(
        kpis=kpis_named(kpi or [], place, wanted, places, as_known=as_of is not None),
        scope=place,
        period=wanted,
        by=places,
        step=step,
        known_at=instant(as_of),
        tree=tree,
    )


def _told(found: Readings) -> Told:
    answers = (found.readings, found.previous, found.year_before)
    return Told(
        found=found,
        body=encode(found),
        tag=tag_of(encode((answers, found.edition))),  # not when it was computed
        named=any(reading.named for reading in found.all),
    )


async def note_named(
    session: Writer, recorder: Recorder, found: Iterable[Reading], scope: Scope
) -> None:
    """Record a look at figures that name officers because few served, before they are told."""
    named = [reading for reading in found if reading.named]
    if not named:
        return
    kpis = sorted({reading.kpi for reading in named})
    periods = sorted({reading.period for reading in named})

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(
            connection,
            Action.OFFICER_SEEN,
            str(scope),
            kpis=kpis,
            period=f"{periods[0]} … {periods[-1]}",
            because="few_officers",
        )

    await session.run(write)


def _compared(question: Question, comparison: Comparison, now: datetime) -> Question:
    """Return the same question about another period; NOW stays what it is."""
    period = question.period or day_of(now)
    match comparison:
        case Comparison.PREVIOUS:
            other = period.previous()
        case Comparison.YEAR_BEFORE:
            other = period.a_year_earlier()
        case _:
            assert_never(comparison)
    kpis = tuple(kpi for kpi in question.kpis if kpi.source.timing is Timing.PERIOD)
    return replace(question, kpis=kpis, period=other)


def _breakdown(by: list[str]) -> tuple[Breakdown | None, Step | None]:
    """Return into which places and steps of time to break down; raise BreakdownInvalid."""
    places = [Breakdown(name) for name in by if name in set(Breakdown)]
    steps = [Step(name) for name in by if name in set(Step)]
    if len(places) + len(steps) < len(by) or len(places) > 1 or len(steps) > 1:
        raise BreakdownInvalid(
            f"by={','.join(by)}: at most one of {', '.join(Breakdown)} and one of {', '.join(Step)}"
        )
    return next(iter(places), None), next(iter(steps), None)
