"""Reads what members are judged by, and ranks those of each kind among themselves."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from contract.readings import Withheld
from runtime.sql import statements
from server.access.principals import NOWHERE, Reach
from server.errors import BreakdownInvalid, NotFound, PeriodInvalid
from server.facts.serving import SERVING
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID
from server.periods import Period, today
from server.rankings.cells import Cells
from server.rankings.confidence_sets import RankSet
from server.rankings.counted import Counted
from server.rankings.kept import Wanted, read_counted
from server.rankings.measures import MEASURES, Ranked
from server.rankings.sight import with_named
from server.rankings.tables import Row, Table, rank_members
from server.readings.concealment import serving_source, untold_units
from server.readings.guarding import concealed_in
from server.readings.readings import Question, sources_of
from server.scopes import PROVINCE, Scope
from server.units.store import read_tree
from server.units.units import UnitTree

_KEPT = statements("server.rankings", "kept.sql")
_Places = Mapping[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingQuestion:
    """What is ranked, by which KPI, in which period, and whether changes are told too."""

    kpi: str
    period: Period
    by: Ranked = Ranked.UNIT
    scope: Scope = PROVINCE
    compared: bool = False

    @property
    def seed(self) -> int:
        """The seed of the draws: the same question has the same answer."""
        return zlib.crc32(f"{self.kpi} {self.period}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A procedure's name, and the family that it is ranked in."""

    name_vi: str
    name_en: str
    kind: str
    kind_vi: str
    kind_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a question rests on: cells by kind, now and before, and what is known of the units.

    `procedures` are those that are ranked, else none. `named` units are told though few officers
    served there, `withheld` ones, with their kinds, are not. Whoever may see some alone of those
    that are withheld is told of these units what `whole`, with everybody, says of them.
    """

    question: RankingQuestion
    cells: Mapping[str, Cells]
    before: Mapping[str, Cells]
    founded: frozenset[str]
    closed: frozenset[str]
    procedures: Mapping[str, Named]
    named: frozenset[str]
    withheld: Mapping[str, str]
    sets: Mapping[str, tuple[int, int, RankSet]]
    whole: Material | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read for a question, before it is divided by kind; `hidden` units named officers."""

    question: RankingQuestion
    tree: UnitTree
    hidden: frozenset[str]
    counted: Counted
    before: Counted | None
    procedures: Mapping[str, Named]
    founded: frozenset[str]
    closed: frozenset[str]
    sets: Mapping[str, tuple[int, int, RankSet]]

    def divided(self, scope: Scope, seen: Reach = NOWHERE) -> Material:
        """Return what ranks the members of a scope, to whoever sees officers of some units."""
        places = _places(self, scope)
        within = self.tree.accepted if scope.unit is None else self.tree.below(scope.unit)
        hidden = self.hidden.intersection(within)
        shown = frozenset(unit for unit in hidden if seen.has(unit))
        if not shown or shown == hidden:
            return self._without(scope, places, hidden - shown, shown)
        whole = self._without(scope, places, frozenset(), hidden)
        return replace(self._without(scope, places, hidden, shown), whole=whole)

    def _without(
        self, scope: Scope, places: _Places, withheld: frozenset[str], named: frozenset[str]
    ) -> Material:
        told = _without(places, withheld)
        of_unit = {unit.id: unit.kind for unit in self.tree.units.values()}
        kinds = of_unit if self.question.by is Ranked.PROCEDURE else {}
        before = {} if self.before is None else self.before.divide(told, kinds=kinds)
        return Material(
            question=replace(self.question, scope=scope),
            cells=self.counted.divide(told, kinds=kinds),
            before=before,
            named=named,
            withheld={unit: of_unit[unit] for unit in withheld},
            founded=self.founded,
            closed=self.closed,
            procedures=self.procedures,
            sets=self.sets if scope == PROVINCE else {},
        )


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


def _without(places: _Places, units: frozenset[str]) -> _Places:
    """Return the places but those that count for one of these units."""
    if not units:
        return places
    return {
        place: (kind, member)
        for place, (kind, member) in places.items()
        if member.partition("/")[0] not in units
    }


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


def _places(read: Read, scope: Scope) -> dict[tuple[str, str], tuple[str, str]]:
    """Return which kind and member each unit's members count for."""
    question, tree = read.question, read.tree
    within = tree.accepted
    if scope.unit is not None:
        if scope.unit not in tree.units:
            raise NotFound(f"unit {scope.unit!r} was not there in {question.period}")
        below = set(tree.below(scope.unit))
        within = tuple(unit for unit in within if unit in below)
    owner = {each: unit for unit in within for each in tree.counted(unit)}
    if question.by is Ranked.UNIT:
        return {(each, ""): (tree.units[unit].kind, unit) for each, unit in owner.items()}
    places = {}
    pairs = [read.counted.pairs, set() if read.before is None else read.before.pairs]
    for each, member in set().union(*pairs):
        if member and each in owner:
            unit = owner[each]
            if question.by is Ranked.PROCEDURE:
                known = read.procedures.get(member)
                places[each, member] = known.kind if known else "", member
            else:
                places[each, member] = tree.units[unit].kind, f"{unit}/{member}"
    return places


def within(material: Material, units: Collection[str]) -> Material:
    """Return what ranks the members of some units among themselves alone."""
    withheld = {unit: kind for unit, kind in material.withheld.items() if unit in units}
    return replace(
        material,
        cells=_cells_of(material.cells, units),
        before=_cells_of(material.before, units),
        withheld=withheld,
        sets={},
    )


def _cells_of(cells: Mapping[str, Cells], units: Collection[str]) -> dict[str, Cells]:
    found = {}
    for kind, own in cells.items():
        chosen = [
            index for index, member in enumerate(own.members) if member.partition("/")[0] in units
        ]
        if chosen:
            found[kind] = own.of(chosen).trimmed()
    return found


async def rank(material: Material) -> dict[str, Table]:
    """Return the table of each kind, computed in another thread; empty without anything counted."""
    return await asyncio.to_thread(_rank_seen, material)


def _rank_seen(material: Material) -> dict[str, Table]:
    tables = _rank(material)
    if material.whole is None:
        return tables
    return with_named(tables, _rank(material.whole), material.named)


def _rank(material: Material) -> dict[str, Table]:
    by = material.question.by
    result = {}
    for kind in sorted({*material.cells, *material.withheld.values()}):
        if kind not in material.cells:
            result[kind] = Table(rows=_untold(material, kind))
            continue
        there = cells = material.cells[kind]
        if by is not Ranked.UNIT:
            n, _ = cells.totals
            there = cells.of([i for i, each in enumerate(n + cells.suspect_n) if each])
        before = material.before.get(kind)
        if before is not None:
            before = before.aligned(there.members)
        table = rank_members(there, seed=material.question.seed, before=before)
        family = next((each for each in material.procedures.values() if each.kind == kind), None)
        result[kind] = replace(
            table,
            rows=(*(_told(material, row) for row in table.rows), *_untold(material, kind)),
            name_vi=family.kind_vi if family else None,
            name_en=family.kind_en if family else None,
        )
    return result


def _untold(material: Material, kind: str) -> tuple[Row, ...]:
    """Return the rows of the units of which nothing is told; of their counters there is none."""
    if material.question.by is not Ranked.UNIT:
        return ()
    return tuple(
        Row(member=unit, unit=unit, n=0, withheld=Withheld.FEW_OFFICERS)
        for unit, its_kind in sorted(material.withheld.items())
        if its_kind == kind
    )


def _told(material: Material, row: Row) -> Row:
    by, unit = material.question.by, row.member
    member = row.member
    if by in (Ranked.COUNTER, Ranked.OFFICER):
        unit, _, name = row.member.partition("/")
        member = name if by is Ranked.OFFICER else row.member
    elif by is Ranked.PROCEDURE:
        unit = ""
    named = material.procedures.get(member)
    confidence_set = None
    if row.rank is not None and row.estimate is not None and row.member in material.sets:
        n, k, kept = material.sets[row.member]
        # What has been counted since makes another set.
        fits = (n, k) == (row.n, round(row.n * row.estimate.value))
        confidence_set = kept if fits else None
    return replace(
        row,
        member=member,
        unit=unit,
        named=unit in material.named,
        founded=unit in material.founded,
        closed=unit in material.closed,
        name_vi=named.name_vi if named else None,
        name_en=named.name_en if named else None,
        confidence_set=confidence_set,
    )
