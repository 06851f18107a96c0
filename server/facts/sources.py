"""What every source has in common: additive totals, one statement, one row reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, LiteralString, Protocol, Self, TypeAlias, TypeVar

from contract.readings import Timing
from runtime.sql import statements
from server.periods import NOW, Period, Step, month_from


class Totals(Protocol):
    """Additive totals of one source; without arguments they are those of nothing."""

    def __add__(self, other: Self, /) -> Self:
        """Return the totals of both taken together."""

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the columns that follow unit, counter and day."""


T = TypeVar("T", bound=Totals)


class Dimension(StrEnum):
    """What totals may be told apart by, besides unit and time; values are names of SQL columns."""

    COUNTER = "counter"
    FAMILY = "family"
    PROCEDURE = "procedure"
    CHANNEL = "channel"
    OFFICER = "officer"
    SHIFT = "shift"


UNIT_ALONE: frozenset[Dimension] = frozenset()
AT_COUNTERS = frozenset({Dimension.COUNTER, Dimension.FAMILY, Dimension.OFFICER})
"""What is known of whatever happens at a counter."""


class Level(StrEnum):
    """How fine stored totals are: the coarsest that still tells what is asked is read.

    RAW counts raw rows, which know when they were received.
    """

    RAW = "raw"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Mark(StrEnum):
    """What may have to be counted anew before totals are right again.

    ATTRIBUTION moves only what is told apart by officer or family; LINKS are those of units' days;
    DOSSIERS and COMPLAINTS all follow calendars, procedures and units that have changed.
    """

    ATTRIBUTION = "attribution"
    LINKS = "links"
    DOSSIERS = "dossiers"
    COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[T]):
    """Where figures come from: `<name>.sql` of this room and the totals that it gives.

    The statement `totals` takes `units` (text[], NULL for all); `counter`, `family`, `procedure`,
    `channel`, `officer`, `shift` (NULL for all); `start` and `end` (instants), `first_day` and
    `end_day`, `months_from` and `months_to` (`Selection.months`); `level`, and whether
    `whole_months` would do; `by` (a Dimension or NULL) and `step` (day, week, … or NULL). Its rows
    are unit, the value of the dimension `by` (NULL without one), the step's first local day (NULL
    without one), and the columns of `totals`. `dimensions` are those it can tell apart; with
    `has_levels` it reads stored levels, and RAW, where what was received after the transaction's
    `motcua.known_at` is left out. One that `has_versions` has no levels, but reads RAW what was
    known at that time. One `by_opening` also takes the hours that offices are open
    (`Opening.parameters`). One `on_request` reads raw rows or every hour: it is answered only for
    KPIs that are named. `mark` says what makes its readings provisional.
    """

    name: str
    timing: Timing
    totals: type[T]
    dimensions: frozenset[Dimension]
    has_levels: bool = False
    by_opening: bool = False
    on_request: bool = False
    has_versions: bool = False
    mark: Mark = Mark.ATTRIBUTION
    package: str = "server.facts"

    @property
    def knows_when(self) -> bool:
        """Whether it can be read as it was known at an earlier time."""
        return self.has_levels or self.has_versions

    @property
    def statement(self) -> LiteralString:
        """The SQL that reads it."""
        return statements(self.package, f"{self.name}.sql")["totals"]

    def total(self, parts: Iterable[T]) -> T:
        """Return the totals of all `parts` taken together."""
        rest = iter(parts)
        result = next(rest, None)
        if result is None:
            return self.totals()
        for part in rest:
            result = result + part
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T]):
    """Totals with what they are of; `member` is the value of the dimension that they are told by.

    `member` and `day` are None where not told apart.
    """

    unit: str
    member: str | None
    day: date | None
    totals: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which facts to read: `units` None means every unit, also those outside today's tree.

    `where` narrows them to one member of each dimension that it names. With `known_at` only what
    was received by then counts.
    """

    units: tuple[str, ...] | None = None
    where: Mapping[Dimension, str] = field(default_factory=lambda: MappingProxyType({}))
    period: Period = NOW
    by: Dimension | None = None
    step: Step | None = None
    known_at: datetime | None = None

    @property
    def level(self) -> Level:
        """The coarsest level of stored totals that tells what is asked."""
        if self.known_at is not None:
            return Level.RAW
        told_apart = {*self.where} | ({self.by} if self.by is not None else set())
        if told_apart - {Dimension.COUNTER}:
            return Level.HOUR
        if told_apart or not self.period.is_whole_months or self.step in (Step.DAY, Step.WEEK):
            return Level.DAY
        return Level.MONTH

    @property
    def months(self) -> tuple[date, date] | None:
        """The whole months whose sums tell what is asked, as first and end day.

        Both are the period's end where nothing finer than months will do, and None for now.
        """
        first, end = self.period.first, self.period.end
        if first is None or end is None:
            return None
        if self.where or self.by is not None or self.step in (Step.DAY, Step.WEEK):
            return end, end
        start, stop = month_from(first), end.replace(day=1)
        return (start, stop) if start < stop else (end, end)


Dirty: TypeAlias = Mapping[Mark, Mapping[str | None, frozenset[date] | None]]
"""What is to be counted anew: local days by unit; None for every unit, and for all days."""


def by_months(selection: Selection) -> tuple[Selection, ...]:
    """Return selections that add up to this one, whole months apart from the days around them.

    A year that begins in the middle of a month is eleven months and some days, not 365 days.
    """
    first, end = selection.period.first, selection.period.end
    months = selection.months
    if selection.level is not Level.DAY or first is None or end is None or months is None:
        return (selection,)
    start, stop = months
    if start >= stop:
        return (selection,)
    spans = [(first, start), (start, stop), (stop, end)]
    return tuple(
        replace(selection, period=Period(first=first, end=end))
        for first, end in spans
        if first < end
    )


def newest(*times: datetime | None) -> datetime | None:
    """Return the latest of `times`, or None when there is none."""
    return max((time for time in times if time is not None), default=None)
