"""From readings and what was entered to points, total and class, each with what it rests on. Pure.

Arithmetic is exact: fractions until a figure is rounded, decimals from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

from contract.readings import Reading
from server.errors import NotScored
from server.schemes.schemes import (
    Combine,
    Component,
    Count,
    CountOf,
    EnteredPoints,
    Group,
    Quantity,
    Scheme,
    Share,
    Steps,
    Term,
)


class State(StrEnum):
    """Where a term's points come from."""

    COMPUTED = "computed"
    ENTERED = "entered"
    EMPTY = "empty"
    """There was nothing to count."""
    MISSING = "missing"
    """Nothing is known: no reading, one that is withheld, or nothing entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What somebody entered for a term: points, or counts, with the evidence."""

    term: str
    points: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    evidence: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TermScore:
    """What a term earned: `exact` before rounding, None where it is withheld.

    `numerator` over `denominator` is what was measured; a quantity without a denominator has the
    numerator alone.
    """

    id: str
    state: State
    exact: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    entered: Entered | None = None
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentScore:
    """A criterion's points, rounded; None where they are withheld."""

    id: str
    maximum: Decimal
    points: Decimal | None
    terms: tuple[TermScore, ...]

    @property
    def missing(self) -> bool:
        """Whether anything that it rests on is not known."""
        return any(term.state is State.MISSING for term in self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """The sum of a group's criteria; None where one is withheld."""

    id: str
    maximum: Decimal
    points: Decimal | None
    components: tuple[ComponentScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The days of the period on which the unit was there, when that is not all of them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Points and class of one unit or officer in one period by one version of a scheme.

    `total` and `band` are None where a criterion is withheld. `highest` is the total if everything
    that is missing were earned in full: between `known` and it the total lies. `running` says that
    the period is not over.
    """

    scheme: str
    version: int
    unit: str
    officer: str | None
    period: str
    running: bool
    total: Decimal | None
    known: Decimal
    highest: Decimal
    maximum: Decimal
    band: str | None
    missing: tuple[str, ...]
    groups: tuple[GroupScore, ...]
    present: Present | None = None

    @property
    def components(self) -> tuple[ComponentScore, ...]:
        """Every criterion in order."""
        return tuple(each for group in self.groups for each in group.components)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Who is judged, when, and whether the period still runs."""

    unit: str
    officer: str | None
    period: str
    running: bool
    present: Present | None = None


Known = Mapping[str, Reading]
"""The readings of whoever is judged, by KPI."""


def score(scheme: Scheme, judged: Judged, readings: Known, entered: Mapping[str, Entered]) -> Score:
    """Return the score; `entered` is what holds of what was entered, by term."""
    groups = tuple(_group(group, readings, entered) for group in scheme.groups)
    components = [each for group in groups for each in group.components]
    known = _sum(each.points or Decimal(0) for each in components)
    complete = all(each.points is not None for each in components)
    total = scheme.rounding.round(Fraction(known)) if complete else None
    highest = _sum(
        each.maximum if each.missing or each.points is None else each.points for each in components
    )
    band = None if total is None else scheme.band_of(total)
    return Score(
        scheme=scheme.id,
        version=scheme.version,
        unit=judged.unit,
        officer=judged.officer,
        period=judged.period,
        running=judged.running,
        total=total,
        known=known,
        highest=highest,
        maximum=scheme.maximum,
        band=None if band is None else band.id,
        missing=tuple(each.id for each in components if each.missing),
        groups=groups,
        present=judged.present,
    )


def change(former: Score, later: Score) -> Decimal | None:
    """Return by how much the total rose, None where one is withheld.

    Raises NotScored for scores of different schemes or versions: their points are not alike.
    """
    if (former.scheme, former.version) != (later.scheme, later.version):
        raise NotScored(
            f"scores of {former.scheme} version {former.version} ({former.period}) and "
            f"{later.scheme} version {later.version} ({later.period}) come from different "
            "formulas and are not compared"
        )
    if former.total is None or later.total is None:
        return None
    return later.total - former.total


def counted(count: Count, reading: Reading) -> Fraction | None:
    """Return what a count is in a reading, not yet with its sign; None where it says nothing."""
    match count.of:
        case CountOf.N:
            return Fraction(reading.n)
        case CountOf.HITS:
            if reading.n == 0:
                return Fraction(0)
            return None if reading.value is None else Fraction(round(reading.value * reading.n))
        case CountOf.VALUE:
            return None if reading.value is None else _written(reading.value)
        case CountOf.PART:
            parts = reading.parts or {}
            return _written(parts[count.part]) if count.part in parts else None
        case _:
            assert_never(count.of)


def _group(group: Group, readings: Known, entered: Mapping[str, Entered]) -> GroupScore:
    components = tuple(_component(each, readings, entered) for each in group.components)
    withheld = any(each.points is None for each in components)
    points = None if withheld else _sum(each.points or Decimal(0) for each in components)
    return GroupScore(id=group.id, maximum=group.maximum, points=points, components=components)


def _component(
    component: Component, readings: Known, entered: Mapping[str, Entered]
) -> ComponentScore:
    terms = tuple(_term(term, readings, entered.get(term.id)) for term in component.terms)
    exact = _combined(component, [term.exact for term in terms])
    points = None if exact is None else component.rounding.round(exact)
    return ComponentScore(id=component.id, maximum=component.maximum, points=points, terms=terms)


def _combined(component: Component, parts: Sequence[Fraction | None]) -> Fraction | None:
    known = [part for part in parts if part is not None]
    match component.combine:
        case Combine.SUM:
            whole = sum(known, Fraction(0)) if len(known) == len(parts) else None
        case Combine.MEAN:
            whole = sum(known, Fraction(0)) / len(parts) if len(known) == len(parts) else None
        case Combine.MEAN_OF_KNOWN:
            whole = sum(known, Fraction(0)) / len(known) if known else None
        case _:
            assert_never(component.combine)
    return None if whole is None else min(whole, Fraction(component.maximum))


def _term(term: Term, readings: Known, entered: Entered | None) -> TermScore:
    quantity = term.quantity
    beside = tuple(readings[kpi] for kpi in term.beside if kpi in readings)
    if quantity is None:
        points = None if entered is None else entered.points
        if points is None:
            return _missing(term, beside)
        exact = Fraction(points)
        return TermScore(
            id=term.id, state=State.ENTERED, exact=exact, entered=entered, readings=beside
        )
    found = _measured(term, quantity, readings)
    if found.state is State.COMPUTED:
        return _earned(term, found)
    if entered is not None and quantity.enterable and entered.numerator is not None:
        given = replace(
            found,
            state=State.ENTERED,
            entered=entered,
            numerator=Fraction(entered.numerator),
            denominator=None if entered.denominator is None else Fraction(entered.denominator),
        )
        return _earned(term, given)
    return found


def _measured(term: Term, quantity: Quantity, readings: Known) -> TermScore:
    """Return what the readings say of a quantity, not yet with its points."""
    used = {kpi: readings[kpi] for kpi in _named(term) if kpi in readings}
    if not quantity.computed:
        return _missing(term, tuple(used.values()))
    numerator = _summed(quantity.numerator, readings)
    denominator = _summed(quantity.denominator, readings)
    if quantity.denominator and denominator == 0:
        return _empty(term, tuple(used.values()))
    if numerator is None or (quantity.denominator and denominator is None):
        return _missing(term, tuple(used.values()))
    return TermScore(
        id=term.id,
        state=State.COMPUTED,
        exact=None,
        numerator=numerator,
        denominator=denominator if quantity.denominator else None,
        readings=tuple(used.values()),
    )


def _earned(term: Term, found: TermScore) -> TermScore:
    """Return the measured term with its points."""
    assert found.numerator is not None
    if found.denominator == 0:
        return replace(found, state=State.EMPTY, exact=_fraction(term.empty))
    measured = max(Fraction(0), found.numerator) / (found.denominator or 1)
    match term.rule:
        case Share(weight=weight, full_from=full_from):
            points = Fraction(weight) * measured / Fraction(full_from)
        case Steps() as rule:
            points = _stair(rule, measured)
        case EnteredPoints():
            raise AssertionError(term.id)
        case _:
            assert_never(term.rule)
    return replace(found, exact=min(points, Fraction(term.most)))


def _stair(rule: Steps, measured: Fraction) -> Fraction:
    for stair in rule.stairs:
        bound = Fraction(stair.bound)
        reached = (measured <= bound) if rule.lower_is_better else (measured >= bound)
        if reached:
            return Fraction(stair.points)
    return Fraction(0)


def _named(term: Term) -> tuple[str, ...]:
    """Return the KPIs that a term names, each once."""
    assert term.quantity is not None
    return tuple(dict.fromkeys([*(each.kpi for each in term.quantity.counts), *term.beside]))


def _summed(counts: Iterable[Count], readings: Known) -> Fraction | None:
    """Return the sum of the counts, None where one that is not optional says nothing."""
    total = Fraction(0)
    for count in counts:
        reading = readings.get(count.kpi)
        value = None if reading is None else counted(count, reading)
        if value is None:
            if not count.optional:
                return None
            value = Fraction(0)
        total += -value if count.negative else value
    return total


def _written(value: float) -> Fraction:
    """Return the number as it is written, so that 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def _empty(term: Term, readings: tuple[Reading, ...]) -> TermScore:
    return TermScore(
        id=term.id,
        state=State.EMPTY,
        exact=_fraction(term.empty),
        numerator=Fraction(0),
        denominator=Fraction(0),
        readings=readings,
    )


def _missing(term: Term, readings: tuple[Reading, ...]) -> TermScore:
    return TermScore(
        id=term.id, state=State.MISSING, exact=_fraction(term.missing), readings=readings
    )


def _fraction(points: Decimal | None) -> Fraction | None:
    return None if points is None else Fraction(points)


def _sum(parts: Iterable[Decimal | int]) -> Decimal:
    return sum((Decimal(part) for part in parts), Decimal(0))
