"""At which hours of the day dossiers come in and are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest

HOURS = 24
_NONE = (0,) * HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierHourTotals:
    """Dossiers by the local hour: received at the unit that took them in, done at the one that
    resolves them. `known` says whether any happened in the period.
    """

    received: tuple[int, ...] = _NONE
    done: tuple[int, ...] = _NONE
    known: bool = False
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(
            received=_added(self.received, other.received),
            done=_added(self.done, other.done),
            known=self.known or other.known,
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in hours, counts of received, counts of done, newest."""
        hours, received, done, last = row
        return cls(
            received=_by_hour(hours, received),
            done=_by_hour(hours, done),
            known=True,
            newest=last,
        )


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _by_hour(hours: Sequence[int], counts: Sequence[int]) -> tuple[int, ...]:
    found = dict(zip(hours, counts, strict=True))
    return tuple(int(found.get(hour, 0)) for hour in range(HOURS))


DOSSIER_HOURS = Source(
    name="dossier_hours",
    timing=Timing.PERIOD,
    totals=DossierHourTotals,
    dimensions=UNIT_ALONE,
    on_request=True,
)
