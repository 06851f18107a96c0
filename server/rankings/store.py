"""Reads what members are judged by, and ranks those of each kind among themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg import AsyncConnection

from runtime.sql import statements
from server.access.principals import NOWHERE, Reach
from server.errors import BreakdownInvalid, NotFound, PeriodInvalid
from server.facts.serving import SERVING
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID
from server.periods import Period, today
from server.rankings.confidence_sets import RankSet
from server.rankings.counted import Counted
from server.rankings.kept import Wanted, read_counted
from server.rankings.material import Material, Named, RankingQuestion, Read
from server.rankings.measures import MEASURES, Ranked
from server.readings.concealment import serving_source, untold_units
from server.readings.guarding import concealed_in
from server.readings.readings import Question, sources_of
from server.scopes import PROVINCE, Scope
from server.units.store import read_tree
from server.units.units import UnitTree

_KEPT = statements("server.rankings", "kept.sql")


async def read_material(
    connection: AsyncConnection,
    question: RankingQuestion,
    now: datetime,
    seen: Reach = NOWHERE,
    *,
    patient: bool = False,
) -> Material:
    """Return what the question rests on, by the tree of the period's last day.

    Of units whose figure would name an officer outside `seen` nothing is told. Who is `patient`
    waits until everything is counted; others are told where too much is not kept yet, by
    FiguresMissing.

    Raises NotFound for a KPI that nothing can be ranked by or an unknown unit, BreakdownInvalid
    for what it cannot rank, PeriodInvalid for now, for a period that has not begun, for one that
    tells too much of people, and for counters while it runs.
    """
    read = await read_cells(connection, question, now, patient=patient)
    return read.divided(question.scope, seen)


async def read_cells(
    connection: AsyncConnection,
    question: RankingQuestion,
    now: datetime,
    *,
    patient: bool = False,
) -> Read:
    """Return what can be divided for the question's scope and those within it; raises as above."""
    _require_ranked(question, now)
    period = question.period
    assert period.first is not None
    assert period.end is not None
    tree = await read_tree(connection, min(today(now), period.end - timedelta(days=1)))
    hidden = await _hidden(connection, question, tree, period, now)
    counted = await _count(connection, question, tree, (period, now), patient=patient)
    before = None
    if question.compared:
        before = await _count(connection, question, tree, (period.previous(), now), patient=patient)
    days = {"first_day": period.first, "end_day": period.end}
    broken = await (await connection.execute(_KEPT["broken_validity"], days)).fetchall()
    return Read(
        question=question,
        tree=tree,
        hidden=hidden,
        counted=counted,
        before=before,
        procedures=await _procedures(connection) if question.by is Ranked.PROCEDURE else {},
        founded=frozenset(unit for unit, founded, _ in broken if founded),
        closed=frozenset(unit for unit, _, closed in broken if closed),
        sets=await _read_sets(connection, question) if question.by is Ranked.UNIT else {},
    )


def _require_ranked(question: RankingQuestion, now: datetime) -> None:
    measured, period = MEASURES.get(question.kpi), question.period
    if measured is None:
        known = ", ".join(MEASURES)
        raise NotFound(f"nothing can be ranked by {question.kpi!r}; choose one of {known}")
    if question.by not in measured.by:
        can = ", ".join(sorted(measured.by))
        raise BreakdownInvalid(f"{question.kpi} ranks {can}, not by {question.by}")
    if period.first is None or period.end is None:
        raise PeriodInvalid("members are ranked over a span of days, not now")
    if period.first > today(now):
        raise PeriodInvalid(f"period {period} has not begun")
    if question.by is not Ranked.PROCEDURE:
        # refuses periods that tell too much of people
        sources_of(Question(kpis=(BY_ID[question.kpi],), scope=PROVINCE, period=period))


async def _count(
    connection: AsyncConnection,
    question: RankingQuestion,
    tree: UnitTree,
    when: tuple[Period, datetime],
    *,
    patient: bool,
) -> Counted:
    period, now = when
    assert period.first is not None
    assert period.end is not None
    wanted = Wanted(
        source=MEASURES[question.kpi].source,
        by=question.by,
        first=period.first,
        end=min(period.end, today(now) + timedelta(days=1)),
    )
    unit = question.scope.unit
    units = tree.counted_below(unit) if unit is not None and unit in tree.units else None
    return await read_counted(connection, wanted, units, patient=patient)


async def _hidden(
    connection: AsyncConnection,
    question: RankingQuestion,
    tree: UnitTree,
    period: Period,
    now: datetime,
) -> frozenset[str]:
    """Return the units of which so few officers served that figures name them."""
    if serving_source(BY_ID[question.kpi]) is None:
        return frozenset()
    match question.by:
        case Ranked.UNIT:
            concealed = await concealed_in(connection, tree, period)
            return frozenset(unit for unit in tree.accepted if Scope.of_unit(unit) in concealed)
        case Ranked.COUNTER:
            if period.is_running(now):
                raise PeriodInvalid(f"counters are ranked by {question.kpi} once {period} is over")
            asked = Selection(period=period, by=Dimension.COUNTER)
            untold = untold_units(await read_facts(connection, SERVING, asked))
            return frozenset(unit for unit, _ in untold if unit in tree.units)
        case _:
            return frozenset()


async def _read_sets(
    connection: AsyncConnection, question: RankingQuestion
) -> dict[str, tuple[int, int, RankSet]]:
    if question.scope != PROVINCE:
        return {}
    asked = {"kpi": question.kpi, "period": str(question.period)}
    rows = await (await connection.execute(_KEPT["read_sets"], asked)).fetchall()
    return {unit: (n, k, RankSet(low=low, high=high)) for unit, n, k, low, high in rows}


async def _procedures(connection: AsyncConnection) -> dict[str, Named]:
    rows = await (await connection.execute(_KEPT["procedures"])).fetchall()
    return {
        code: Named(name_vi=vi, name_en=en, kind=family, kind_vi=kind_vi, kind_en=kind_en)
        for code, vi, en, family, kind_vi, kind_en in rows
    }
