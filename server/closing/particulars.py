"""Reads what a closing holds beside its document: of each unit, and of each officer there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading
from server.access.principals import EVERYWHERE, NOWHERE, Reach
from server.closing.canonical import plain
from server.closing.parts import Part, PartKind
from server.facts.dossiers import DOSSIERS, DossierTotals
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.kpi.definition import Kpi
from server.periods import Period
from server.rankings.answers import FunnelLines, ranked_kinds
from server.rankings.measures import MEASURES, Ranked
from server.rankings.store import Material, RankingQuestion, rank, read_material, within
from server.rankings.tables import Table
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_officers, read_readings
from server.schemes.schemes import Level, Scheme
from server.schemes.scores import Score
from server.schemes.store import Asked, read_officer_scores, read_scores
from server.scopes import PROVINCE, Scope
from server.scopes import Part as Narrowed
from server.units.units import TreeView, UnitTree

Said = dict[str, Any]

_COUNTS = tuple(each.name for each in fields(DossierTotals) if each.type == "int")
_OF_MOMENT = frozenset({"observed_at", "recounting"})
"""When the newest message came is no figure of the period, and nobody waits for a recount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What parts are read by: the KPIs told of a period, the schemes that score it, the units."""

    period: Period
    kpis: tuple[Kpi[Any], ...]
    schemes: Sequence[Scheme]
    tree: UnitTree
    now: datetime


@dataclass(slots=True)
class _Gathered:
    """What is said of units, and of officers by unit and code."""

    parts: defaultdict[tuple[PartKind, str, str], defaultdict[str, list[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(
        self, kind: PartKind, unit: str, name: str, said: Iterable[Said], officer: str = ""
    ) -> None:
        told = list(said)
        if told:
            self.parts[kind, unit, officer][name] += told


async def read_particulars(connection: AsyncConnection, reads: Reads) -> tuple[Part, ...]:
    """Return every part, in one consistent view of the database."""
    found = _Gathered()
    await _add_dossiers(connection, reads, found)
    await _add_scores(connection, reads, found)
    await _add_named(connection, reads, found)
    await _add_counters(connection, reads, found)
    await _add_officers(connection, reads, found)
    for kpi, measured in MEASURES.items():
        for by in sorted(measured.by - {Ranked.PROCEDURE}):
            await _add_ranks(
                connection, reads, found, RankingQuestion(kpi=kpi, period=reads.period, by=by)
            )
    return tuple(
        Part.of(kind, unit, said, officer)
        for (kind, unit, officer), said in sorted(found.parts.items())
    )


async def _add_dossiers(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    """Add what statutory tables add up: counts of the period and the one before, of each unit and
    of each family there, which not every dossier has.
    """
    for by in (None, Dimension.FAMILY):
        counts: defaultdict[tuple[str, str | None], Said] = defaultdict(dict)
        for when, period in (("now", reads.period), ("before", reads.period.previous())):
            asked = Selection(units=None, period=period, by=by)
            for fact in await read_facts(connection, DOSSIERS, asked):
                told = {name: n for name in _COUNTS if (n := getattr(fact.totals, name))}
                if told:
                    counts[fact.unit, fact.member][when] = told
        for (unit, family), said in sorted(counts.items(), key=str):
            of = {} if by is None else {"family": family or ""}
            found.add(PartKind.UNIT, unit, "dossiers", [{**of, **said}])


async def _add_scores(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    for scheme in reads.schemes:
        if scheme.level is Level.UNIT:
            for score in await read_scores(connection, scheme, reads.period, Asked(), reads.now):
                found.add(PartKind.UNIT, score.unit, "scores", [_score(score)])
            continue
        for score in await read_officer_scores(connection, scheme, reads.period, reads.now):
            said = [_score(replace(score, officer=None))]
            found.add(PartKind.OFFICER, score.unit, "scores", said, score.officer or "")


def _score(score: Score) -> Said:
    said: Said = _lasting(plain(score))
    return said


def _lasting(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a score without what its readings say of the moment."""
    if isinstance(value, dict):
        return {name: _lasting(member) for name, member in value.items() if name not in _OF_MOMENT}
    return [_lasting(each) for each in value] if isinstance(value, list) else value


async def _add_named(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    """Add what the document withholds, as whoever may see all officers reads it."""
    whole = Question(kpis=reads.kpis, scope=PROVINCE, period=reads.period, tree=TreeView.THEN)
    for question in (whole, replace(whole, by=Breakdown.UNIT)):
        for each in await read_readings(connection, question, reads.now, EVERYWHERE):
            if each.named:
                unit = Scope.parse(each.scope).unit or ""
                found.add(PartKind.NAMED, unit, "readings", [_reading(each)])


async def _add_counters(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    told = set(kpis_named((), PROVINCE, reads.period, Breakdown.COUNTER))
    question = Question(
        kpis=tuple(kpi for kpi in reads.kpis if kpi in told), scope=PROVINCE, period=reads.period,
        by=Breakdown.COUNTER, tree=TreeView.THEN,
    )  # fmt: skip
    for kind, seen in ((PartKind.UNIT, NOWHERE), (PartKind.NAMED, EVERYWHERE)):
        for each in await read_readings(connection, question, reads.now, seen):
            if kind is PartKind.UNIT or each.named:
                unit = Scope.parse(each.scope).unit or ""
                found.add(kind, unit, "counters", [_reading(each)])


async def _add_officers(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    told = set(kpis_named((), PROVINCE, reads.period, Breakdown.OFFICER))
    question = Question(
        kpis=tuple(kpi for kpi in reads.kpis if kpi in told), scope=PROVINCE, period=reads.period,
        tree=TreeView.THEN,
    )  # fmt: skip
    for unit, readings in (await read_officers(connection, question, reads.now)).items():
        for each in readings:
            officer = Scope.parse(each.scope).parts[Narrowed.OFFICER]
            said = _reading(replace(each, scope=str(Scope.of_unit(unit))))
            found.add(PartKind.OFFICER, unit, "readings", [said], officer)


def _reading(reading: Reading) -> Said:
    said: Said = plain(replace(reading, observed_at=None, recounting=None))
    return said


async def _add_ranks(
    connection: AsyncConnection, reads: Reads, found: _Gathered, question: RankingQuestion
) -> None:
    """Add ranks in the province and within each unit that has more than one member to rank."""
    everything = await read_material(connection, question, reads.now, EVERYWHERE, patient=True)
    sights = [(EVERYWHERE, everything)]
    if question.by is not Ranked.OFFICER:
        sights.append((NOWHERE, _as_anybody_sees(everything, reads.tree)))
    for seen, material in sights:
        # Units' ranks as anybody may see them are in the document.
        if seen is EVERYWHERE or question.by is not Ranked.UNIT:
            _add_tables(found, question, PROVINCE, seen, await rank(material))
        for unit in reads.tree.accepted:
            below = reads.tree.below(unit)
            if question.by is not Ranked.UNIT or len(below) > 1:
                tables = await rank(within(material, below))
                _add_tables(found, question, Scope.subtree(unit), seen, tables)


def _as_anybody_sees(everything: Material, tree: UnitTree) -> Material:
    """Return the material without the units whose figures would name officers."""
    hidden = everything.named
    told = [unit for unit in tree.units if unit not in hidden]
    withheld = {unit: tree.units[unit].kind for unit in hidden}
    return replace(within(everything, told), named=frozenset(), withheld=withheld)


def _add_tables(
    found: _Gathered,
    question: RankingQuestion,
    scope: Scope,
    seen: Reach,
    tables: Mapping[str, Table],
) -> None:
    by, unit = question.by, scope.unit or ""
    named = any(row.named for table in tables.values() for row in table.rows)
    if by is not Ranked.OFFICER and seen is EVERYWHERE and not named:
        return
    about = {"kpi": question.kpi, "by": str(by), "scope": str(scope)}
    kind = PartKind.UNIT if seen is NOWHERE else PartKind.NAMED
    for each in ranked_kinds(tables):
        # Confidence sets come from the worker, in their own time.
        rows = tuple(replace(row, confidence_set=None) for row in each.rows)
        if by is Ranked.OFFICER:
            for row in rows:
                said = {**about, "kind": each.kind, "row": plain(replace(row, member=""))}
                found.add(PartKind.OFFICER, row.unit, "ranks", [said], row.member)
            rows = ()
        if rows or by is Ranked.OFFICER:
            told = plain(replace(each, rows=rows, funnel=None))
            if each.funnel is not None:
                told["funnel"] = _funnel(each.funnel)
            found.add(kind, unit, "rankings", [{**about, **told}])


def _funnel(funnel: FunnelLines) -> Said:
    """Return the limits that reports draw: those of chance alone follow from the rows."""
    return {
        "dispersion_factor": plain(funnel.dispersion_factor),
        "between_variance": plain(funnel.between_variance),
        "added": plain(funnel.added),
    }
