"""What the API says of schemes, classes and their explanations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text of a scheme in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A criterion of a scheme, the group that it stands in, and what is entered for it."""

    id: str
    group: str
    name: Said
    maximum: Decimal
    group_name: Said
    terms: tuple[str, ...] = ()
    term_names: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A class of a scheme, and its least total."""

    id: str
    name: Said
    first: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One version of a scheme."""

    id: str
    version: int
    level: str
    name: Said
    basis: Said
    maximum: Decimal
    periods: tuple[str, ...]
    to_be_filled_in: bool
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]
    note: Said | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The points of one criterion, None where they are withheld."""

    id: str
    missing: bool
    points: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """The class of one unit; between `known` and `highest` lies the total once all is known."""

    unit: str
    known: Decimal
    highest: Decimal
    missing: tuple[str, ...]
    criteria: tuple[Points, ...]
    total: Decimal | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Classes of units by one version of a scheme."""

    scheme: str
    version: int
    period: str
    running: bool
    classes: tuple[Class, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTerm:
    """Where a term's points come from, in lines of text."""

    name: str
    state: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedCriterion:
    """A criterion with its points as they are written."""

    group: str
    name: str
    points: str
    maximum: str
    lines: tuple[str, ...]
    terms: tuple[ExplainedTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A score in words: what stands above, then each criterion."""

    heading: tuple[str, ...]
    components: tuple[ExplainedCriterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassExplained:
    """A class with its explanation."""

    explanation: Explanation
