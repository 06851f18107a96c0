"""Dossiers received, ended and in hand: what happened in a period, and what was open at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Mark, Source, newest

TOLD_OF_DOSSIERS = frozenset(
    {Dimension.FAMILY, Dimension.PROCEDURE, Dimension.CHANNEL, Dimension.OFFICER}
)
"""What is known of every dossier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierTotals:
    """Counts of dossiers. Down to `reused` at the unit that received them, then at the one that
    resolves them; `open` and `overdue` are stocks at the end of the period, or now while it runs.

    `…_told` are those of which the sending system tells it at all. The aims are the targets times
    the number that they are for, so that they add up over units of different kinds; None where no
    target is set. `known` says whether any dossier was ever known there.
    """

    received: int = 0
    online: int = 0
    other_area: int = 0
    fee_due: int = 0
    paid_online: int = 0
    digitised_told: int = 0
    digitised: int = 0
    reused_told: int = 0
    reused: int = 0
    ended: int = 0
    done: int = 0
    before_time: int = 0
    on_time: int = 0
    late: int = 0
    late_apologised: int = 0
    supplemented: int = 0
    result_told: int = 0
    result_digitised: int = 0
    rated: int = 0
    satisfied: int = 0
    apologised: int = 0
    open: int = 0
    overdue: int = 0
    digitised_aim: float | None = None
    result_aim: float | None = None
    known: bool = False
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        return type(self)(
            **counts,
            digitised_aim=_added(self.digitised_aim, other.digitised_aim),
            result_aim=_added(self.result_aim, other.result_aim),
            known=self.known or other.known,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the counts, the stocks, the two targets, newest."""
        *counts, digitised_target, result_target, last = row
        totals = dict(zip(_COUNTS, counts, strict=True))
        return cls(
            **totals,
            digitised_aim=_aim(digitised_target, totals["digitised_told"]),
            result_aim=_aim(result_target, totals["result_told"]),
            known=True,
            newest=last,
        )


_COUNTS = tuple(field.name for field in fields(DossierTotals) if field.type == "int")


def _aim(target: float | None, n: int) -> float | None:
    return None if target is None else target * n


def _added(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


DOSSIERS = Source(
    name="dossiers",
    timing=Timing.PERIOD,
    totals=DossierTotals,
    dimensions=TOLD_OF_DOSSIERS,
    has_versions=True,
    mark=Mark.DOSSIERS,
)
