"""Schemes, readings and entered points for tests: only what a test cares about has to be named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from contract.readings import Reading, Withheld
from server.schemes.library import SchemeSettings, load_schemes
from server.schemes.schemes import Scheme
from server.schemes.scores import Entered, Judged, Score, score

NOON = datetime(2026, 10, 31, 5, 0, tzinfo=UTC)
PERIOD = "2026-10"


def scheme(id_: str) -> Scheme:
    """Return a scheme that is shipped."""
    return next(each for each in load_schemes(SchemeSettings()) if each.id == id_)


def share(kpi: str, hits: int, n: int, **parts: float) -> Reading:
    """Return the reading of a share; of nothing it has no value."""
    return Reading(
        kpi=kpi,
        version=1,
        scope="subtree:tu-son",
        period=PERIOD,
        n=n,
        value=hits / n if n else None,
        withheld=None if n else Withheld.NO_DATA,
        parts=parts or None,
        observed_at=NOON,
    )


def entered(term: str, *, points: object = None, counts: tuple[int, int] | None = None) -> Entered:
    """Return points or counts with evidence."""
    return Entered(
        term=term,
        points=None if points is None else Decimal(str(points)),
        numerator=None if counts is None else Decimal(counts[0]),
        denominator=None if counts is None else Decimal(counts[1]),
        evidence="Báo cáo số 12",
        entered_by="tran-binh",
        entered_at=NOON,
    )


def scored(by: Scheme, *known: Reading | Entered) -> Score:
    """Return the score that these readings and entries give."""
    return score(
        by,
        Judged(unit="tu-son", officer=None, period=PERIOD, running=False),
        {each.kpi: each for each in known if isinstance(each, Reading)},
        {each.term: each for each in known if isinstance(each, Entered)},
    )
