"""Points and counts as somebody enters them, checked against the scheme. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from server.errors import NotFound, PointsInvalid
from server.schemes.schemes import EnteredPoints, Scheme, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Points, or counts, of one term with its evidence; neither withdraws what was entered."""

    term: str
    evidence: str
    points: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def withdraws(self) -> bool:
        """Whether it takes away what was entered before."""
        return self.points is None and self.numerator is None and self.denominator is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEntry:
    """What was once entered for a term, and by whom."""

    term: str
    points: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    withdrawn: bool
    evidence: str
    entered_by: str
    entered_at: datetime


def check_entry(scheme: Scheme, entry: Entry) -> None:
    """Return when the scheme takes the entry; raise NotFound or PointsInvalid."""
    term = next((term for term in scheme.terms() if term.id == entry.term), None)
    if term is None:
        raise NotFound(f"{scheme.id} has no criterion {entry.term!r}")
    if not entry.evidence.strip():
        raise PointsInvalid(f"{entry.term}: say in `evidence` what the points rest on")
    if not term.enterable:
        raise PointsInvalid(f"{entry.term} is computed from readings: nothing is entered for it")
    if entry.withdraws:
        return
    if isinstance(term.rule, EnteredPoints):
        _check_points(term, term.rule, entry)
    else:
        _check_counts(term, entry)


def _check_points(term: Term, rule: EnteredPoints, entry: Entry) -> None:
    if entry.points is None or entry.numerator is not None or entry.denominator is not None:
        raise PointsInvalid(f"{term.id} takes points, no counts")
    if not 0 <= entry.points <= term.most:
        raise PointsInvalid(f"{term.id} takes 0 to {term.most} points, not {entry.points}")
    if rule.allowed is not None and entry.points not in rule.allowed:
        allowed = ", ".join(map(str, rule.allowed))
        raise PointsInvalid(f"{term.id} takes {allowed} points, not {entry.points}")


def _check_counts(term: Term, entry: Entry) -> None:
    if entry.points is not None or entry.numerator is None or entry.denominator is None:
        raise PointsInvalid(f"{term.id} takes counts: a numerator and a denominator")
    if not 0 <= entry.numerator <= entry.denominator:
        raise PointsInvalid(
            f"{term.id}: the numerator {entry.numerator} has to lie within 0 and the denominator "
            f"{entry.denominator}"
        )
