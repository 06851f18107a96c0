"""What the API says of rankings, as far as screens show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Where a member stands within its kind, 1 the best, with the 90 % range."""

    median: float
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverExpected:
    """Failures observed and expected."""

    observed: int
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A member with its rank, None where it has too few cases.

    `among` how many it is ranked, where that is more than the members of the table: what few
    served is told by right alone.
    """

    member: str
    unit: str
    n: int
    estimate: Bounded | None = None
    adjusted: Bounded | None = None
    rank: Rank | None = None
    group: int | None = None
    flagged: bool = False
    over_expected: OverExpected | None = None
    common_work: float | None = None
    change: Bounded | None = None
    suspect_n: int = 0
    founded: bool = False
    closed: bool = False
    among: int | None = None
    name_vi: str | None = None
    name_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Limits of observed over expected at each number of expected failures."""

    expected: tuple[float, ...]
    low_95: tuple[float, ...]
    high_95: tuple[float, ...]
    low_998: tuple[float, ...]
    high_998: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Limits by chance alone, and with the variance between members added."""

    exact: Lines
    added: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedKind:
    """The members of one kind with their common share."""

    kind: str
    rows: tuple[Ranked, ...]
    level: float | None = None
    funnel: Funnel | None = None
    name_vi: str | None = None
    name_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What `/rankings` says."""

    computed_at: datetime
    running: bool
    kinds: tuple[RankedKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What is said of a member."""

    standing: tuple[str, ...]
    change: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a member stands where it stands, in both languages."""

    row: Ranked
    vi: Sentences
    en: Sentences
