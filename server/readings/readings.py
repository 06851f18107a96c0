"""From facts to readings: one for each KPI, place and period that was asked for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Any

from contract.readings import Guard, Reading, Timing
from server.errors import BreakdownInvalid, NotFound, PeriodInvalid
from server.facts.grouped_ratings import GROUPED_RATINGS, GROUPED_RESPONSES
from server.facts.ratings import RATINGS
from server.facts.responses import RESPONSES
from server.facts.sources import Dimension, Dirty, Fact, Mark, Selection, Source
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.kpi.definition import Kpi, Moment
from server.periods import NOW, Period, Step, day_of
from server.readings.cells import Cell, CellPlace, concealment_of, read_cell
from server.readings.concealment import Concealment
from server.scopes import Part, Scope, ScopeKind
from server.units.units import TreeView, UnitTree

MOST_READINGS = 50_000
"""More in one answer are refused: a year by day of every unit is 41,000 of one KPI."""


_GROUPED: Mapping[str, Source[Any]] = MappingProxyType(
    {RATINGS.name: GROUPED_RATINGS, RESPONSES.name: GROUPED_RESPONSES}
)
"""What opinions of less than a unit rest on."""

_HOLDS_UNITS = (ScopeKind.PROVINCE, ScopeKind.SUBTREE)


class Breakdown(StrEnum):
    """Into which places, or parts of what happens there, readings are broken down."""

    UNIT = "unit"
    COUNTER = "counter"
    FAMILY = "family"
    PROCEDURE = "procedure"
    CHANNEL = "channel"
    OFFICER = "officer"
    SHIFT = "shift"

    @property
    def dimension(self) -> Dimension | None:
        """What facts must be told apart by; None for units, which they always are."""
        return None if self is Breakdown.UNIT else Dimension(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: KPIs for a scope and a period, whole or broken down.

    Without a `period` each KPI is answered in its own timing: now, or today. With `known_at` only
    what had been received by then counts.
    """

    kpis: tuple[Kpi[Any], ...]
    scope: Scope
    period: Period | None
    by: Breakdown | None = None
    step: Step | None = None
    known_at: datetime | None = None
    tree: TreeView = TreeView.NOW

    def period_of(self, timing: Timing, now: datetime) -> Period:
        """Return the period in which KPIs of this timing are answered."""
        if self.period is not None:
            return self.period
        return NOW if timing is Timing.NOW else day_of(now)


def kpis_named(
    ids: Sequence[str],
    scope: Scope,
    period: Period | None,
    by: Breakdown | None = None,
    *,
    as_known: bool = False,
) -> tuple[Kpi[Any], ...]:
    """Return these KPIs, else every KPI that can be asked for this scope, period and breakdown.

    Those whose source is read on request alone have to be named.

    Raises NotFound for an unknown one, PeriodInvalid for one that does not answer the period.
    """
    unknown = [name for name in ids if name not in BY_ID]
    if unknown:
        raise NotFound(f"KPI {unknown[0]!r} is not known; GET /api/v1/catalogue lists them")
    if not ids:
        wanted = told_apart(scope, by)
        return tuple(
            kpi
            for kpi in CATALOGUE
            if _answers(kpi, period)
            and not kpi.source.on_request
            and _is_told(kpi, wanted, as_known=as_known)
            and not _cuts_the_calendar(kpi, period, wanted)
        )
    kpis = tuple(BY_ID[name] for name in ids)
    for kpi in kpis:
        if not _answers(kpi, period):
            other = "the period 'now'" if kpi.source.timing is Timing.NOW else "spans of days"
            raise PeriodInvalid(f"KPI {kpi.id!r} answers {other} only, not {str(period)!r}")
    return kpis


def _is_told(kpi: Kpi[Any], parts: set[Dimension], *, as_known: bool) -> bool:
    """Return whether a KPI is told by these dimensions, and as it was known."""
    source = source_of(kpi, parts)
    known = source.knows_when and source is kpi.source
    return not _untold(kpi, source, parts) and (known or not as_known)


def source_of(kpi: Kpi[Any], parts: set[Dimension]) -> Source[Any]:
    """Return what a KPI rests on: opinions of less than a unit on whole groups of ten."""
    if kpi.guard is Guard.OPINION and parts:
        return _GROUPED.get(kpi.source.name, kpi.source)
    return kpi.source


def _untold(kpi: Kpi[Any], source: Source[Any], parts: set[Dimension]) -> str:
    """Return why a KPI is not told by these dimensions; nothing where it is."""
    for dimension in sorted(parts - source.dimensions):
        return f"{source.name} are not told by {dimension}"
    if kpi.guard is not Guard.OPINION or not parts:
        return ""
    if source is kpi.source:
        return f"{kpi.id} is told of whole units alone: below them opinions come in groups of ten"
    if len(parts) > 1:
        return f"{kpi.id} is told by one of {', '.join(sorted(source.dimensions))} at a time"
    return ""


def _cuts_the_calendar(kpi: Kpi[Any], period: Period | None, parts: set[Dimension]) -> bool:
    """Return whether a figure about people is asked for a range of days: two ranges would differ
    by a day that is told in no other way.
    """
    guarded = kpi.guard is not Guard.NONE or Dimension.OFFICER in parts
    return guarded and period is not None and not period.is_now and period.step is None


def _answers(kpi: Kpi[Any], period: Period | None) -> bool:
    return period is None or period.is_now == (kpi.source.timing is Timing.NOW)


def told_apart(scope: Scope, by: Breakdown | None) -> set[Dimension]:
    """Return what facts must be told apart by to answer for this scope and breakdown."""
    dimensions = set(_where(scope))
    if by is not None and by.dimension is not None:
        dimensions.add(by.dimension)
    return dimensions


def _where(scope: Scope) -> dict[Dimension, str]:
    where = {Dimension(part.value): member for part, member in scope.parts.items()}
    if scope.counter is not None:
        where[Dimension.COUNTER] = scope.counter
    return where


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the period in which the tree of units stayed the same; None for all of it."""

    tree: UnitTree
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFacts:
    """What was told of one span: its tree, and its facts by source's name."""

    tree: UnitTree
    facts: Mapping[str, Sequence[Fact[Any]]]


def selection(question: Question, source: Source[Any], span: Span, now: datetime) -> Selection:
    """Return which facts of `source` the question rests on in one span.

    Raises NotFound for a unit outside its tree and BreakdownInvalid where the source or the
    period cannot be broken down so.
    """
    period = span.period or question.period_of(source.timing, now)
    for dimension in sorted(told_apart(question.scope, question.by) - source.dimensions):
        raise BreakdownInvalid(f"{source.name} are not told by {dimension}")
    if question.by is Breakdown.UNIT and question.scope.kind not in _HOLDS_UNITS:
        raise BreakdownInvalid(f"{question.scope} cannot be broken down by unit")
    if question.known_at is not None and (not source.knows_when or source in _GROUPED.values()):
        raise BreakdownInvalid(f"{source.name} are not kept as they were known at an earlier time")
    if question.step is not None and period.is_now:
        raise BreakdownInvalid(f"'now' cannot be broken down by {question.step}")
    return Selection(
        units=units_of(question.scope, span.tree),
        where=_where(question.scope),
        period=period,
        by=None if question.by is None else question.by.dimension,
        step=question.step,
        known_at=question.known_at,
    )


def units_of(scope: Scope, tree: UnitTree) -> tuple[str, ...] | None:
    """Return the units whose facts make up `scope`, None for all; raise NotFound."""
    if scope.unit is None:
        return None
    if scope.unit in tree.successors:
        raise NotFound(
            f"unit {scope.unit!r} was merged into {tree.successors[scope.unit]!r}; ask for that, "
            "or with tree=then for a period in which it was there"
        )
    if scope.unit not in tree.units:
        raise NotFound(f"unit {scope.unit!r} is not known; GET /api/v1/units lists them")
    match scope.kind:
        case ScopeKind.SUBTREE:
            return tree.counted_below(scope.unit)
        case ScopeKind.UNIT:
            return tree.counted(scope.unit)
        case _:
            return (scope.unit,)


def covers(scope: Scope, tree: UnitTree) -> bool:
    """Return whether the scope's unit was there."""
    return scope.unit is None or scope.unit in tree.units


def sources_of(question: Question) -> dict[str, Source[Any]]:
    """Return what the question rests on, by name.

    Raises BreakdownInvalid where a KPI is not told so, and PeriodInvalid for figures about people
    in a range of days that is no period of the calendar.
    """
    parts = told_apart(question.scope, question.by)
    found: dict[str, Source[Any]] = {}
    for kpi in question.kpis:
        source = source_of(kpi, parts)
        if why := _untold(kpi, source, parts):
            raise BreakdownInvalid(why)
        if question.step is None and _cuts_the_calendar(kpi, question.period, parts):
            raise PeriodInvalid(
                f"{kpi.id} is told by periods of the calendar alone: a day as 2026-10-31, a week "
                "as 2026-W44, a month as 2026-10, a quarter as 2026-Q4, or a year as 2026; a range "
                "of days only broken down by day, week, month, quarter or year"
            )
        found[source.name] = source
    return found


def answer(
    question: Question,
    spans: Sequence[SpanFacts],
    now: datetime,
    concealed: Mapping[str, Concealment] = MappingProxyType({}),
) -> list[Reading]:
    """Return the readings: by KPI, then by place, then by time.

    `concealed` says, by the source of who served, what would name an officer.
    """
    readings: list[Reading] = []
    then = min(now, question.known_at or now)
    parts = told_apart(question.scope, question.by)
    cells: dict[str, dict[Scope, dict[date | None, Cell]]] = {}
    for kpi in question.kpis:
        moments = {
            day: Moment(now=then, period=period)
            for day, period in _periods(question, kpi, now).items()
        }
        concealment = concealment_of(kpi, concealed)
        source = source_of(kpi, parts)
        if source.name not in cells:
            cells[source.name] = _cells(source, _over_spans(question, spans, source.name))
        for scope, by_day in cells[source.name].items():
            for day, moment in moments.items():
                cell = by_day.get(day) or Cell(source, ())
                place = CellPlace(
                    scope=scope, day=day, tree=spans[-1].tree, in_groups=source is not kpi.source
                )
                readings.append(read_cell(kpi, cell, place, moment, concealment))
                if len(readings) > MOST_READINGS:
                    raise BreakdownInvalid(
                        f"more than {MOST_READINGS:,} readings: ask for fewer KPIs, a shorter "
                        "period or a longer step"
                    )
    return readings


def mark_recounting(
    readings: Iterable[Reading], tree: UnitTree, dirty: Dirty, now: datetime
) -> list[Reading]:
    """Return the readings, those marked that what is to be counted anew may change."""
    if not dirty:
        return list(readings)
    known: dict[tuple[Mark, str, str], bool] = {}
    marked = []
    for reading in readings:
        mark = BY_ID[reading.kpi].source.mark
        rests = False
        if mark in dirty:
            key = mark, reading.scope, reading.period
            if (found := known.get(key)) is None:
                found = known[key] = _rests_on(reading, tree, dirty, now)
            rests = found
        marked.append(replace(reading, recounting=True) if rests else reading)
    return marked


def _rests_on(reading: Reading, tree: UnitTree, dirty: Dirty, now: datetime) -> bool:
    mark = BY_ID[reading.kpi].source.mark
    days_of = dirty[mark]
    scope = Scope.parse(reading.scope)
    # Attribution moves nothing between places, so that readings of them are right at any time.
    if mark is Mark.ATTRIBUTION and not scope.parts.keys() & {Part.OFFICER, Part.FAMILY}:
        return False
    units = units_of(scope.place, tree)
    period = Period.parse(reading.period, now)
    places = days_of if units is None else (None, *units)
    concerned = [days_of[unit] for unit in places if unit in days_of]
    return any(days is None or any(map(period.holds, days)) for days in concerned)


def _periods(question: Question, kpi: Kpi[Any], now: datetime) -> dict[date | None, Period]:
    """Return the steps to answer; of figures about people those that the whole does not cut."""
    whole = question.period_of(kpi.source.timing, now)
    if question.step is None:
        return {None: whole}
    parts = whole.split(question.step)
    if kpi.guard is not Guard.NONE:
        parts = tuple(part for part in parts if part.lies_within(whole))
    return {part.first: part for part in parts}


def _cells(
    source: Source[Any], places: Mapping[Scope, Iterable[Fact[Any]]]
) -> dict[Scope, dict[date | None, Cell]]:
    return {
        scope: {day: Cell(source, own) for day, own in _grouped(rows, lambda row: row.day).items()}
        for scope, rows in places.items()
    }


def _over_spans(
    question: Question, spans: Sequence[SpanFacts], source: str
) -> dict[Scope, list[Fact[Any]]]:
    """Return each scope to answer with its rows of all spans."""
    places: dict[Scope, list[Fact[Any]]] = {}
    for span in spans:
        for scope, rows in _places(question, span.tree, span.facts[source]):
            places.setdefault(scope, []).extend(rows)
    return places


def _places(
    question: Question, tree: UnitTree, rows: Sequence[Fact[Any]]
) -> Iterator[tuple[Scope, Iterable[Fact[Any]]]]:
    """Yield each scope to answer with its rows."""
    if question.scope.unit is None:
        rows = [row for row in rows if tree.counts(row.unit)]
    match question.by:
        case None:
            yield question.scope, rows
        case Breakdown.UNIT:
            by_unit = _grouped(rows, lambda row: row.unit)
            within = question.scope.unit
            for unit in tree.accepted if within is None else sorted(tree.below(within)):
                below = (by_unit.get(node, ()) for node in tree.counted_below(unit))
                scope = replace(Scope.subtree(unit), parts=question.scope.parts)
                yield scope, chain.from_iterable(below)
        case Breakdown.COUNTER:
            by_counter = _grouped(rows, lambda row: (row.unit, row.member))
            for (unit, counter), own in sorted(by_counter.items()):
                yield replace(Scope.of_counter(unit, counter), parts=question.scope.parts), own
        case _:
            # What could not be attributed has no member, and stands in no row of a breakdown.
            by_member = _grouped((row for row in rows if row.member), lambda row: row.member)
            for member, own in sorted(by_member.items()):
                yield question.scope.narrowed(Part(question.by.value), member), own


def _grouped(
    rows: Iterable[Fact[Any]], key: Callable[[Fact[Any]], Any]
) -> defaultdict[Any, list[Fact[Any]]]:
    groups: defaultdict[Any, list[Fact[Any]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
