"""Who leads, and who has improved: what can be told apart from chance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from dashboards.api.rankings import Bounded, Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How far a unit's share is above that of the period before, with its 95 % interval."""

    unit: str
    n: int
    before: float
    now: float
    low: float
    high: float

    @property
    def gained(self) -> float:
        """The difference of the shares, -1..1."""
        return self.now - self.before


def leaders(rows: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Return the units that cannot be told apart from the best, by their median ranks.

    A unit is tied with the best while the 90 % ranges of their ranks overlap.
    """
    found = ranked(rows)
    if not found or found[0].rank is None:
        return ()
    worst_of_best = found[0].rank.high
    return tuple(row for row in found if row.rank is not None and row.rank.low <= worst_of_best)


def ranked(rows: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Return the units that have a rank, by their median ranks."""
    return tuple(
        sorted(
            (row for row in rows if row.rank is not None and row.estimate is not None),
            key=lambda row: (row.rank.median if row.rank else 0.0, row.unit),
        )
    )


def improved(now: Sequence[Ranked], before: Mapping[str, Ranked]) -> tuple[Change, ...]:
    """Return the units whose share has risen for certain, the greatest gain first.

    Certain is a difference whose interval lies above zero: Newcombe (1998), Statistics in Medicine
    17, 873-890, method 10, of the two Wilson intervals.
    """
    changes = []
    for row in now:
        earlier = before.get(row.unit)
        if row.estimate is None or earlier is None or earlier.estimate is None:
            continue
        change = _change(row, row.estimate, earlier.estimate)
        if change.low > 0:
            changes.append(change)
    return tuple(sorted(changes, key=lambda each: (-each.gained, each.unit)))


def _change(row: Ranked, now: Bounded, before: Bounded) -> Change:
    gained = now.value - before.value
    return Change(
        unit=row.unit,
        n=row.n,
        before=before.value,
        now=now.value,
        low=gained - hypot(now.value - now.low, before.high - before.value),
        high=gained + hypot(now.high - now.value, before.value - before.low),
    )
