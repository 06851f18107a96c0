"""What a scheme is: groups of components, what each rests on and earns, rounding, bands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from server.periods import Period, Step


class Level(StrEnum):
    """Whom a scheme judges."""

    UNIT = "unit"
    OFFICER = "officer"


class RoundingMode(StrEnum):
    """How a figure between two steps is rounded."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


class Combine(StrEnum):
    """How the terms of a component make its points."""

    SUM = "sum"
    MEAN = "mean"
    """Over all terms: one without points leaves the component without points."""
    MEAN_OF_KNOWN = "mean_of_known"
    """Over the terms that have points."""


class CountOf(StrEnum):
    """What of a reading is counted."""

    N = "n"
    HITS = "hits"
    """value times n of a share, which is a whole number again."""
    VALUE = "value"
    PART = "parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """One text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """To how many decimal places, and how."""

    places: int
    mode: RoundingMode

    def round(self, figure: Fraction) -> Decimal:
        """Return the figure as it is shown and compared; exact where it lies on a step."""
        scale = 10**self.places
        scaled = figure * scale
        whole = scaled.numerator // scaled.denominator
        part = scaled - whole
        up = {
            RoundingMode.DOWN: part > 0 and whole < 0,
            RoundingMode.HALF_UP: part >= Fraction(1, 2),
            RoundingMode.HALF_EVEN: part > Fraction(1, 2)
            or (part == Fraction(1, 2) and whole % 2 == 1),
        }[self.mode]
        return Decimal(whole + up).scaleb(-self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One summand: a count of a KPI's reading, added or subtracted.

    An `optional` one is zero where the reading says nothing.
    """

    kpi: str
    of: CountOf
    part: str = ""
    negative: bool = False
    optional: bool = False

    def __str__(self) -> str:
        name = f"{self.of}.{self.part}" if self.part else str(self.of)
        return f"{self.kpi}.{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What a term measures: a sum of counts over another, or alone without a denominator.

    One that is `enterable` is taken from entered counts where the readings say nothing; without
    counts of its own it is always entered.
    """

    numerator: tuple[Count, ...] = ()
    denominator: tuple[Count, ...] = ()
    enterable: bool = False

    @property
    def counts(self) -> tuple[Count, ...]:
        """Every count that it rests on."""
        return self.numerator + self.denominator

    @property
    def computed(self) -> bool:
        """Whether it rests on readings at all."""
        return bool(self.numerator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """weight x share / full_from: the whole weight is earned from the share `full_from` on."""

    quantity: Quantity
    weight: Decimal
    full_from: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stair:
    """Points that are earned from a bound on; where less is better, up to it."""

    bound: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Points by steps, the best first; what reaches no step earns none."""

    quantity: Quantity
    stairs: tuple[Stair, ...]
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredPoints:
    """Points that somebody enters with evidence; `allowed` None takes any up to the most."""

    allowed: tuple[Decimal, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A part of a component that earns at most `most` points.

    `empty` is what it earns with nothing to count, `missing` with nothing known: None withholds
    the component, and with it the class. `id` is unique in the scheme. `beside` are KPIs that are
    shown with it and earn nothing.
    """

    id: str
    name: Bilingual
    rule: Share | Steps | EnteredPoints
    most: Decimal
    empty: Decimal | None
    missing: Decimal | None
    beside: tuple[str, ...] = ()

    @property
    def quantity(self) -> Quantity | None:
        """What it measures; None for entered points."""
        return None if isinstance(self.rule, EnteredPoints) else self.rule.quantity

    @property
    def enterable(self) -> bool:
        """Whether something may be entered for it."""
        return self.quantity is None or self.quantity.enterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One criterion: at most `maximum` points from its terms."""

    id: str
    name: Bilingual
    maximum: Decimal
    combine: Combine
    rounding: Rounding
    terms: tuple[Term, ...]
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Criteria that stand together."""

    id: str
    name: Bilingual
    maximum: Decimal
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A class: totals from `first`, below `below`; None for the best, which holds the maximum."""

    id: str
    name: Bilingual
    first: Decimal
    below: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Working days: for the self score after the period's end, then for each step after the last
    one.
    """

    self_score: int
    appraisal: int
    answer: int
    final: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One version of a scheme, in force from `valid_from` until the day before `valid_to`.

    `version` is that of its formula: scores of different versions are not compared. One that is
    `to_be_filled_in` keeps a place in the calendar and scores nobody.
    """

    id: str
    version: int
    level: Level
    name: Bilingual
    basis: Bilingual
    valid_from: date
    valid_to: date | None
    periods: frozenset[Step]
    maximum: Decimal
    rounding: Rounding
    groups: tuple[Group, ...]
    bands: tuple[Band, ...]
    deadlines: Deadlines
    note: Bilingual | None = None
    to_be_filled_in: bool = False

    def components(self) -> Iterator[Component]:
        """Yield every component in order."""
        for group in self.groups:
            yield from group.components

    def terms(self) -> Iterator[Term]:
        """Yield every term in order."""
        for component in self.components():
            yield from component.terms

    def kpis(self) -> tuple[str, ...]:
        """Return the KPIs that it rests on, each once."""
        named: list[str] = []
        for term in self.terms():
            named += (count.kpi for count in (term.quantity or Quantity()).counts)
            named += term.beside
        return tuple(dict.fromkeys(named))

    def holds(self, period: Period) -> bool:
        """Return whether all of the period lies in its validity."""
        return (
            period.first is not None
            and period.end is not None
            and self.valid_from <= period.first
            and (self.valid_to is None or period.end <= self.valid_to)
        )

    def band_of(self, total: Decimal) -> Band | None:
        """Return the class of a total; a bound belongs to the better one. None without classes."""
        return next((band for band in self.bands if total >= band.first), None)
