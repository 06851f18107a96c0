"""Ranks as a closing holds them: of the province and of each unit, and what changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from server.access.principals import EVERYWHERE
from server.closing.canonical import plain
from server.closing.parts import PartKind
from server.periods import Period
from server.rankings.answers import FunnelLines, RankedKind, ranked_kinds
from server.rankings.material import Material, RankingQuestion, Read, rank, within
from server.rankings.measures import MEASURES, Ranked
from server.rankings.sight import named_rows
from server.rankings.tables import Row, Table
from server.scopes import PROVINCE, Scope

Said = dict[str, Any]
Told = tuple[PartKind, str, str, str, Said]
"""In which part of a unit, and of an officer there, something is said, and under which name."""


@dataclass(slots=True, kw_only=True)
class Ranks:
    """What is ranked by one question within one scope: of the document, and of parts."""

    by: Ranked
    document: list[Said] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def ranked_questions(period: Period) -> Iterator[RankingQuestion]:
    """Yield every question whose ranks are closed; changes are told of all but officers."""
    for kpi, measured in MEASURES.items():
        for by in sorted(measured.by):
            compared = by is not Ranked.OFFICER
            yield RankingQuestion(kpi=kpi, period=period, by=by, compared=compared)


async def ranked(read: Read) -> AsyncIterator[Ranks]:
    """Yield the ranks of what was read in the province and within each unit, for every sight.

    As anybody sees them, and, where that is more, as whoever may see all officers does; of units
    that only these see also their own rows among all, for whoever may see some.
    """
    if read.question.by is Ranked.PROCEDURE:
        yield _public(read.question, PROVINCE, await rank(read.divided(PROVINCE)))
        for unit in read.tree.accepted:
            scope = Scope.subtree(unit)
            yield _public(read.question, scope, await rank(read.divided(scope)))
        return
    everything = read.divided(PROVINCE, EVERYWHERE)
    public = _as_anybody_sees(everything, read)
    for scope in (PROVINCE, *map(Scope.subtree, read.tree.accepted)):
        below = read.tree.accepted if scope.unit is None else read.tree.below(scope.unit)
        if read.question.by is Ranked.UNIT and len(below) < 2:
            continue  # a unit alone is ranked among nobody
        if read.question.by is not Ranked.OFFICER:
            yield _public(read.question, scope, await _ranked_within(public, scope, below))
        if read.question.by is Ranked.OFFICER or read.hidden.intersection(below):
            tables = await _ranked_within(everything, scope, below)
            yield _told_by_right(read, scope, tables)


async def _ranked_within(
    material: Material, scope: Scope, units: Collection[str]
) -> dict[str, Table]:
    return await rank(material if scope == PROVINCE else within(material, units))


def _as_anybody_sees(everything: Material, read: Read) -> Material:
    """Return the material without the units whose figures would name officers."""
    hidden = everything.named
    if not hidden:
        return everything
    units = read.tree.units
    told = [unit for unit in units if unit not in hidden]
    withheld = {unit: units[unit].kind for unit in hidden}
    return replace(within(everything, told), named=frozenset(), withheld=withheld)


def _public(question: RankingQuestion, scope: Scope, tables: Mapping[str, Table]) -> Ranks:
    """Return ranks as anybody may see them; those of units and procedures in the province are of
    the document.
    """
    by, unit = question.by, scope.unit or ""
    found = Ranks(by=by)
    of_document = scope == PROVINCE and by in (Ranked.UNIT, Ranked.PROCEDURE)
    if of_document:
        kinds = ranked_kinds(tables)
        found.document += [
            {"kpi": question.kpi, "by": str(by), **plain(_lasting(each))} for each in kinds
        ]
    else:
        name = "procedures" if by is Ranked.PROCEDURE else "rankings"
        told = [_kind(question, scope, each) for each in ranked_kinds(tables) if each.rows]
        found.told += [(PartKind.UNIT, unit, name, "", said) for said in told]
    found.told += _changes(PartKind.UNIT, unit, question, scope, tables)
    return found


def _told_by_right(read: Read, scope: Scope, tables: Mapping[str, Table]) -> Ranks:
    """Return ranks among all, told to whoever may see all officers of the scope, or some."""
    question, unit = read.question, scope.unit or ""
    found = Ranks(by=question.by)
    if question.by is Ranked.OFFICER:
        for each in ranked_kinds(tables):
            for row in _lasting(each).rows:
                said = _about(question, scope) | {"kind": each.kind}
                said["row"] = plain(replace(row, member=""))
                found.told.append((PartKind.OFFICER, row.unit, "ranks", row.member, said))
            said = _kind(question, scope, replace(each, rows=()))
            found.told.append((PartKind.NAMED, unit, "rankings", "", said))
        return found
    if not any(row.named for table in tables.values() for row in table.rows):
        return found
    told = [_kind(question, scope, each) for each in ranked_kinds(tables) if each.rows]
    found.told += [(PartKind.NAMED, unit, "rankings", "", said) for said in told]
    found.told += _changes(PartKind.NAMED, unit, question, scope, tables)
    found.told += _own_rows(read, scope, tables)
    return found


def _own_rows(read: Read, scope: Scope, tables: Mapping[str, Table]) -> Iterator[Told]:
    """Yield the rows of units that few served, each in the unit's own part."""
    for kind, table in tables.items():
        for unit in sorted({row.unit for row in table.rows if row.named}):
            if scope.unit == unit:
                continue  # whoever may see the officers there sees the whole ranking
            rows = named_rows(table, (unit,))
            said = _about(read.question, scope) | {"kind": kind}
            said["rows"] = [plain(_still(row)) for row in rows]
            yield PartKind.NAMED, unit, "ranked", "", said
            own = {kind: replace(table, rows=rows)}
            yield from _changes(PartKind.NAMED, unit, read.question, scope, own)


def _changes(
    kind: PartKind, unit: str, question: RankingQuestion, scope: Scope, tables: Mapping[str, Table]
) -> Iterator[Told]:
    """Yield the changes since the period before, apart from ranks: they rest on its rows, too."""
    of = {
        row.member: plain(row.change)
        for table in tables.values()
        for row in table.rows
        if row.change is not None
    }
    if of:
        yield kind, unit, "changes", "", {**_about(question, scope), "of": of}


def _about(question: RankingQuestion, scope: Scope) -> Said:
    return {"kpi": question.kpi, "by": str(question.by), "scope": str(scope)}


def _kind(question: RankingQuestion, scope: Scope, kind: RankedKind) -> Said:
    said: Said = plain(replace(_lasting(kind), funnel=None))
    if kind.funnel is not None:
        said["funnel"] = _funnel(kind.funnel)
    return {**_about(question, scope), **said}


def _lasting(kind: RankedKind) -> RankedKind:
    return replace(kind, rows=tuple(map(_still, kind.rows)))


def _still(row: Row) -> Row:
    """Return a row without confidence sets, which come from the worker in their own time, and
    without its change, which is told apart.
    """
    return replace(row, confidence_set=None, change=None)


def _funnel(funnel: FunnelLines) -> Said:
    """Return the limits that reports draw: those of chance alone follow from the rows."""
    return {
        "dispersion_factor": plain(funnel.dispersion_factor),
        "between_variance": plain(funnel.between_variance),
        "added": plain(funnel.added),
    }
