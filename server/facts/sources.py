"""What every source has in common: additive totals, one statement, one row reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, LiteralString, Protocol, Self, TypeVar

from contract.readings import Timing
from runtime.sql import statements
from server.periods import NOW, Period, Step


class Totals(Protocol):
    """Additive totals of one source; without arguments they are those of nothing."""

    def __add__(self, other: Self, /) -> Self:
        """Return the totals of both taken together."""

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the columns that follow unit, counter and day."""


T = TypeVar("T", bound=Totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[T]):
    """Where figures come from: `<name>.sql` of this room and the totals that it gives.

    The statement `totals` takes `units` (text[], NULL for all), `counter` (NULL for all), `start`
    and `end` (instants), `first_day` and `end_day`, `by_counter` and `step` (day, week, … or NULL).
    Its rows are unit, counter (NULL unless by counter), the step's first local day (NULL without
    one), and the columns of `totals`. `below_unit` says whether it can tell counters apart.
    """

    name: str
    timing: Timing
    totals: type[T]
    below_unit: bool = True

    @property
    def statement(self) -> LiteralString:
        """The SQL that reads it."""
        return statements("server.facts", f"{self.name}.sql")["totals"]

    def total(self, parts: Iterable[T]) -> T:
        """Return the totals of all `parts` taken together."""
        result = self.totals()
        for part in parts:
            result = result + part
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T]):
    """Totals with what they are of; `counter` and `day` are None where not told apart."""

    unit: str
    counter: str | None
    day: date | None
    totals: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which facts to read: `units` None means every unit, also those outside today's tree."""

    units: tuple[str, ...] | None = None
    counter: str | None = None
    period: Period = NOW
    by_counter: bool = False
    step: Step | None = None


def newest(*times: datetime | None) -> datetime | None:
    """Return the latest of `times`, or None when there is none."""
    return max((time for time in times if time is not None), default=None)
