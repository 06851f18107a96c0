"""What members are judged by, divided by kind and scope, and their ranks among themselves."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from contract.readings import Withheld
from server.access.principals import NOWHERE, Reach
from server.errors import NotFound
from server.periods import Period
from server.rankings.cells import Cells
from server.rankings.confidence_sets import RankSet
from server.rankings.counted import Counted
from server.rankings.measures import Ranked
from server.rankings.sight import with_named
from server.rankings.tables import Row, Table, rank_members
from server.scopes import PROVINCE, Scope
from server.units.units import UnitTree

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
        if scope != self.question.scope:
            return self._of(scope).divided(scope, seen)
        places = _places(self, scope)
        within = self.tree.accepted if scope.unit is None else self.tree.below(scope.unit)
        hidden = self.hidden.intersection(within)
        shown = frozenset(unit for unit in hidden if seen.has(unit))
        if not shown or shown == hidden:
            return self._without(scope, places, hidden - shown, shown)
        whole = self._without(scope, places, frozenset(), hidden)
        return replace(self._without(scope, places, hidden, shown), whole=whole)

    def _of(self, scope: Scope) -> Read:
        """Return what was read of a scope within."""
        assert scope.unit is not None
        units = self.tree.counted_below(scope.unit) if scope.unit in self.tree.units else ()
        return replace(
            self,
            question=replace(self.question, scope=scope),
            counted=self.counted.within(units),
            before=None if self.before is None else self.before.within(units),
        )

    def _without(
        self, scope: Scope, places: _Places, withheld: frozenset[str], named: frozenset[str]
    ) -> Material:
        told = _without(places, withheld)
        of_unit = {unit.id: unit.kind for unit in self.tree.units.values()}
        kinds = of_unit if self.question.by is Ranked.PROCEDURE else {}
        before = {} if self.before is None else self.before.divide(told, kinds=kinds)
        return Material(
            question=self.question,
            cells=self.counted.divide(told, kinds=kinds),
            before=before,
            named=named,
            withheld={unit: of_unit[unit] for unit in withheld},
            founded=self.founded,
            closed=self.closed,
            procedures=self.procedures,
            sets=self.sets if scope == PROVINCE else {},
        )


def _without(places: _Places, units: frozenset[str]) -> _Places:
    """Return the places but those that count for one of these units."""
    if not units:
        return places
    return {
        place: (kind, member)
        for place, (kind, member) in places.items()
        if member.partition("/")[0] not in units
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
