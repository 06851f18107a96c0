"""Figures of closed periods as they were signed, in place of what their rows give now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from psycopg import AsyncConnection

from contract.readings import Reading, Withheld
from server.access.principals import EVERYWHERE, NOWHERE, Reach
from server.closing.holdings import (
    Holdings,
    read_holdings,
    reading_of,
    score_of,
    table_of,
    totals_of,
)
from server.closing.parts import PartKind
from server.closing.ranked import AskedRanks, has_changes, ranked_kinds_of
from server.closing.store import read_version
from server.errors import NotFound
from server.facts.dossiers import DossierTotals
from server.facts.sources import Dimension
from server.periods import Period
from server.rankings.material import RankingQuestion
from server.rankings.measures import Ranked
from server.rankings.tables import Row, Table
from server.schemes.schemes import Scheme
from server.schemes.scores import Score
from server.scopes import PROVINCE, Part, Scope

Dossiers = Mapping[tuple[str, str], tuple[DossierTotals, DossierTotals]]
"""By unit and family: of the period and of the one before."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The newest version of a closed period; without one the period is not closed.

    `seen` are the units whose officers whoever asks may see. What a version does not hold is
    answered by None: the rows tell it then, and the report says so.
    """

    holdings: Holdings | None = None
    seen: Reach = NOWHERE
    officer: str | None = None
    readings: Mapping[tuple[str, str], Reading] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Reading] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.holdings is not None

    def reading(self, now: Reading) -> Reading | None:
        """Return the reading as it was closed."""
        key = now.kpi, now.scope
        was = self.readings.get(key)
        if was is not None and was.withheld is not Withheld.FEW_OFFICERS:
            return was
        if key in self.named:
            return self.named[key]
        return was if was is not None and now.withheld is Withheld.FEW_OFFICERS else None

    def ranking(
        self, question: RankingQuestion, within: Collection[str]
    ) -> Mapping[str, Table] | None:
        """Return the tables of each kind as they were closed.

        `within` are the units of the question's scope.
        """
        if self.holdings is None:
            return None
        asked = AskedRanks(kpi=question.kpi, by=question.by, scope=question.scope)
        alone = question.by is Ranked.UNIT and question.scope != PROVINCE and len(within) < 2
        if alone:
            asked = replace(asked, scope=PROVINCE)
        found = ranked_kinds_of(self.holdings, asked, self._sight(within))
        if found is None:
            return None
        tables = {each["kind"]: table_of(each) for each in found}
        return _alone(tables, within) if alone else tables

    @property
    def has_changes(self) -> bool:
        """Whether changes since the period before were closed too."""
        return self.holdings is not None and has_changes(self.holdings)

    def scores(self, scheme: Scheme) -> list[Score] | None:
        """Return the scores of units, or of the officer, by this version of a scheme."""
        if self.holdings is None or not self.holdings.has_parts:
            return None
        kind = PartKind.UNIT if self.officer is None else PartKind.OFFICER
        found = [
            score_of(said, part.officer or None)
            for part, said in self.holdings.said(kind, "scores")
            if said["scheme"] == scheme.id
        ]
        return found if all(each.version == scheme.version for each in found) else None

    def dossiers(self, by: Dimension | None) -> Dossiers | None:
        """Return the counts of dossiers of every unit, or of every unit and family."""
        if self.holdings is None or not self.holdings.has_parts:
            return None
        return {
            (part.unit, said.get("family", "")): (
                totals_of(said.get("now", {})),
                totals_of(said.get("before", {})),
            )
            for part, said in self.holdings.said(PartKind.UNIT, "dossiers")
            if ("family" in said) is (by is Dimension.FAMILY)
        }

    def _sight(self, within: Collection[str]) -> Reach:
        """Return the reach, which is everywhere for whoever may see all officers of the units."""
        return EVERYWHERE if all(map(self.seen.has, within)) else self.seen


def _alone(tables: Mapping[str, Table], units: Collection[str]) -> dict[str, Table]:
    """Return the units among themselves: one alone is shown and not ranked."""
    found = {}
    for kind, table in tables.items():
        rows = tuple(
            Row(
                member=row.member, unit=row.unit, n=row.n, estimate=row.estimate,
                suspect_n=row.suspect_n, with_suspect=row.with_suspect, founded=row.founded,
                closed=row.closed, named=row.named, withheld=row.withheld,
            )
            for row in table.rows
            if row.unit in units
        )  # fmt: skip
        if rows:
            found[kind] = Table(rows=rows)
    return found


def with_changes(was: Mapping[str, Table], now: Mapping[str, Table]) -> dict[str, Table]:
    """Return closed tables with the changes that the rows tell now."""
    changes = {(kind, row.member): row.change for kind, table in now.items() for row in table.rows}
    return {
        kind: replace(
            table,
            rows=tuple(replace(row, change=changes.get((kind, row.member))) for row in table.rows),
        )
        for kind, table in was.items()
    }


async def read_closed(
    connection: AsyncConnection,
    period: Period,
    seen: Reach = NOWHERE,
    *,
    kinds: Iterable[PartKind] = (),
    units: Iterable[str] | None = None,
    officer: str | None = None,
) -> Closed:
    """Return what was closed of a period, with parts of these kinds; raise Conflict where it is
    damaged.
    """
    try:
        closing = await read_version(connection, str(period))
    except NotFound:
        return Closed()
    wanted = {*kinds}
    if seen != NOWHERE:
        wanted.add(PartKind.NAMED)
    holdings = await read_holdings(connection, closing, kinds=wanted, units=units, officer=officer)
    named: defaultdict[tuple[str, str], Reading] = defaultdict()
    for _, said in holdings.said(PartKind.NAMED, "readings"):
        each = reading_of(said)
        named[each.kpi, each.scope] = each
    for part, said in holdings.said(PartKind.OFFICER, "readings"):
        each = reading_of(said)
        place = Scope.of_unit(part.unit).narrowed(Part.OFFICER, part.officer)
        named[each.kpi, str(place)] = replace(each, scope=str(place))
    readings = map(reading_of, holdings.figures["readings"])
    return Closed(
        holdings=holdings,
        seen=seen,
        officer=officer,
        readings={(each.kpi, each.scope): each for each in readings},
        named=dict(named),
    )
