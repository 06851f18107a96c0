"""What the API says of rankings, and how it is made of tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contract.texts import Language
from server.rankings.explanation import Sentences, explain
from server.rankings.funnel import Funnel, Limits
from server.rankings.measures import Ranked
from server.rankings.tables import Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Limits of observed / expected at each of the `expected` numbers of failures."""

    expected: tuple[float, ...]
    low_95: tuple[float, ...]
    high_95: tuple[float, ...]
    low_998: tuple[float, ...]
    high_998: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelLines:
    """Limits by chance alone, and widened by over-dispersion: its factor, or variance, added."""

    dispersion_factor: float
    between_variance: float
    exact: Lines
    multiplied: Lines
    added: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedKind:
    """The members of one kind; like is ranked with like.

    `level` is their common share, `between_sd` how far true shares differ; without them nobody of
    the kind can be ranked. A family of procedures has a name.
    """

    kind: str
    rows: tuple[Row, ...]
    level: float | None = None
    between_sd: float | None = None
    funnel: FunnelLines | None = None
    name_vi: str | None = None
    name_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Members of each kind ranked by a share; `computed_at` is the server's clock.

    While the period runs (`running`) everything may still change.
    """

    computed_at: datetime
    kpi: str
    period: str
    by: Ranked
    running: bool
    kinds: tuple[RankedKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a member stands where it stands and what moved it, in both languages.

    `incomparable_with` are members with less than half of the work in common.
    """

    computed_at: datetime
    kpi: str
    period: str
    kind: str
    row: Row
    incomparable_with: tuple[str, ...]
    vi: Sentences
    en: Sentences


def ranked_kinds(tables: Mapping[str, Table]) -> tuple[RankedKind, ...]:
    """Return the kinds as the API says them."""
    return tuple(
        RankedKind(
            kind=kind,
            rows=table.rows,
            level=table.level,
            between_sd=table.between_sd,
            funnel=None if table.funnel is None else _told(table.funnel),
            name_vi=table.name_vi,
            name_en=table.name_en,
        )
        for kind, table in tables.items()
    )


def explained(tables: Mapping[str, Table], member: str) -> tuple[str, Row, Table] | None:
    """Return the member's kind, row and table; None where there is no such member."""
    for kind, table in tables.items():
        for row in table.rows:
            if row.member == member:
                return kind, row, table
    return None


def sentences(row: Row, table: Table, language: Language) -> Sentences:
    """Return what is said of a row of the table."""
    members = row.among or sum(each.rank is not None and not each.among for each in table.rows)
    return explain(row, kind_level=table.level or 0.0, members=members, language=language)


def _told(funnel: Funnel) -> FunnelLines:
    return FunnelLines(
        dispersion_factor=funnel.dispersion.factor,
        between_variance=funnel.dispersion.between,
        exact=_lines(funnel.exact),
        multiplied=_lines(funnel.multiplied),
        added=_lines(funnel.added),
    )


def _lines(limits: Limits) -> Lines:
    return Lines(
        expected=tuple(limits.expected.tolist()),
        low_95=tuple(limits.low_95.tolist()),
        high_95=tuple(limits.high_95.tolist()),
        low_998=tuple(limits.low_998.tolist()),
        high_998=tuple(limits.high_998.tolist()),
    )
