"""Reads what a closing holds beside its document: of each unit, and of each officer there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading
from server.access.principals import EVERYWHERE, NOWHERE
from server.closing.canonical import plain
from server.closing.parts import Part, PartKind
from server.closing.standings import Ranks, ranked, ranked_questions
from server.closing.views import both
from server.facts.dossiers import DOSSIERS, DossierTotals
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.kpi.definition import Kpi
from server.periods import Period
from server.rankings.measures import Ranked
from server.rankings.store import read_cells
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_as_seen, read_officers
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Every part, and what the document itself tells: readings and ranks as anybody sees them."""

    parts: tuple[Part, ...]
    readings: Sequence[Said]
    rankings: Mapping[Ranked, Sequence[Said]]


@dataclass(slots=True)
class _Gathered:
    """What is said of units, of officers by unit and code, and in the document."""

    parts: defaultdict[tuple[PartKind, str, str], defaultdict[str, list[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    readings: list[Said] = field(default_factory=list)
    rankings: defaultdict[Ranked, list[Said]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self, kind: PartKind, unit: str, name: str, said: Iterable[Said], officer: str = ""
    ) -> None:
        told = list(said)
        if told:
            self.parts[kind, unit, officer][name] += told


async def read_particulars(
    connection: AsyncConnection, reads: Reads, beside: AsyncConnection
) -> Particulars:
    """Return every part, in the one view of the database that both connections have.

    While one waits for the database, what the other has read is computed.
    """
    found = _Gathered()
    await both(_add_most(connection, reads, found), _add_people(beside, reads, found))
    parts = tuple(
        Part.of(kind, unit, said, officer)
        for (kind, unit, officer), said in sorted(found.parts.items())
    )
    return Particulars(parts=parts, readings=found.readings, rankings=found.rankings)


async def _add_most(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    await _add_dossiers(connection, reads, found)
    await _add_scores(connection, reads, found)
    await _add_readings(connection, reads, found)


async def _add_people(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    await _add_officers(connection, reads, found)
    await _add_counters(connection, reads, found)
    for question in ranked_questions(reads.period):
        read = await read_cells(connection, question, reads.now, patient=True)
        async for ranks in ranked(read):
            _add_ranks(found, ranks)


def _add_ranks(found: _Gathered, ranks: Ranks) -> None:
    found.rankings[ranks.by] += ranks.document
    for kind, unit, name, officer, said in ranks.told:
        found.add(kind, unit, name, [said], officer)


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


async def _add_readings(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    """Add what the document tells, and what it withholds and whoever sees all officers reads."""
    whole = Question(kpis=reads.kpis, scope=PROVINCE, period=reads.period, tree=TreeView.THEN)
    for question in (whole, replace(whole, by=Breakdown.UNIT)):
        public, named = await read_as_seen(connection, question, reads.now, (NOWHERE, EVERYWHERE))
        found.readings += map(_reading, public)
        for each in named:
            if each.named:
                unit = Scope.parse(each.scope).unit or ""
                found.add(PartKind.NAMED, unit, "readings", [_reading(each)])


async def _add_counters(connection: AsyncConnection, reads: Reads, found: _Gathered) -> None:
    told = set(kpis_named((), PROVINCE, reads.period, Breakdown.COUNTER))
    question = Question(
        kpis=tuple(kpi for kpi in reads.kpis if kpi in told), scope=PROVINCE, period=reads.period,
        by=Breakdown.COUNTER, tree=TreeView.THEN,
    )  # fmt: skip
    kinds = (PartKind.UNIT, PartKind.NAMED)
    sights = await read_as_seen(connection, question, reads.now, (NOWHERE, EVERYWHERE))
    for kind, readings in zip(kinds, sights, strict=True):
        for each in readings:
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
