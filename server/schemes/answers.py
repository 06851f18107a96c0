"""What the API answers about schemes and classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from server.schemes.explanations import Explanation
from server.schemes.points import PastEntry
from server.schemes.schemes import Bilingual, Level, Scheme
from server.schemes.scores import Present, Score, change


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionListed:
    """A criterion of a scheme; `terms` are what may be entered for it, `term_names` their names."""

    id: str
    group: str
    group_name: Bilingual
    name: Bilingual
    maximum: Decimal
    terms: tuple[str, ...]
    term_names: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BandListed:
    """A class and its least total."""

    id: str
    name: Bilingual
    first: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeListed:
    """One version of a scheme; `valid_to` is the first day on which it does not hold."""

    id: str
    version: int
    level: Level
    name: Bilingual
    basis: Bilingual
    maximum: Decimal
    valid_from: date
    valid_to: date | None = None
    periods: tuple[str, ...]
    to_be_filled_in: bool
    criteria: tuple[CriterionListed, ...]
    bands: tuple[BandListed, ...]
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The points of one criterion; None where they are withheld."""

    id: str
    points: Decimal | None
    missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """The class of one unit or officer. Without `total` criteria are withheld.

    `change` is the difference of the totals to the period that was compared.
    """

    unit: str
    officer: str | None
    total: Decimal | None
    band: str | None
    known: Decimal
    highest: Decimal
    missing: tuple[str, ...]
    criteria: tuple[Points, ...]
    present: Present | None = None
    change: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Classes by one version of a scheme; `running` says that the period is not over."""

    computed_at: datetime
    scheme: str
    version: int
    period: str
    running: bool
    classes: tuple[Class, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassExplained:
    """A class, and where each of its points comes from; `text` is the same as one text."""

    explained: Class
    explanation: Explanation
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What was ever entered for a unit or officer, the newest first."""

    entries: tuple[PastEntry, ...]


def class_of(score: Score, former: Score | None = None) -> Class:
    """Return a score as it is answered; raise NotScored where `former` is of another formula."""
    return Class(
        unit=score.unit,
        officer=score.officer,
        total=score.total,
        band=score.band,
        known=score.known,
        highest=score.highest,
        missing=score.missing,
        criteria=tuple(
            Points(id=each.id, points=each.points, missing=each.missing)
            for each in score.components
        ),
        present=score.present,
        change=None if former is None else change(former, score),
    )


def listed(scheme: Scheme) -> SchemeListed:
    """Return a scheme as it is listed."""
    return SchemeListed(
        id=scheme.id,
        version=scheme.version,
        level=scheme.level,
        name=scheme.name,
        basis=scheme.basis,
        note=scheme.note,
        maximum=scheme.maximum,
        valid_from=scheme.valid_from,
        valid_to=scheme.valid_to,
        periods=tuple(sorted(scheme.periods)),
        to_be_filled_in=scheme.to_be_filled_in,
        criteria=tuple(
            CriterionListed(
                id=each.id,
                group=group.id,
                group_name=group.name,
                name=each.name,
                maximum=each.maximum,
                terms=tuple(term.id for term in each.terms if term.enterable),
                term_names=tuple(term.name for term in each.terms if term.enterable),
            )
            for group in scheme.groups
            for each in group.components
        ),
        bands=tuple(
            BandListed(id=band.id, name=band.name, first=band.first) for band in scheme.bands
        ),
    )
