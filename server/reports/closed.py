"""Figures of closed periods as they were signed, in place of what their rows give now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading, Withheld
from server.access.principals import NOWHERE, Reach
from server.closing.holdings import (
    Holdings,
    read_holdings,
    reading_of,
    score_of,
    table_of,
    totals_of,
)
from server.closing.parts import PartKind
from server.closing.store import read_version
from server.errors import NotFound
from server.facts.dossiers import DossierTotals
from server.facts.sources import Dimension
from server.periods import Period
from server.rankings.measures import Ranked
from server.rankings.store import RankingQuestion
from server.rankings.tables import Table
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
        self, question: RankingQuestion, now: Mapping[str, Table], within: Iterable[str]
    ) -> Mapping[str, Table] | None:
        """Return the tables of each kind as they were closed; `change` is of the rows.

        `within` are the units of the question's scope.
        """
        sees_all = self.seen.everywhere or all(map(self.seen.has, within))
        found = (
            None
            if self.holdings is None
            else self._kinds(self.holdings, question, now, sees_all=sees_all)
        )
        if found is None:
            return None
        changes = {
            (kind, row.member): row.change for kind, table in now.items() for row in table.rows
        }
        return {
            each["kind"]: _changed(table_of(each), each["kind"], changes)
            for each in sorted(found, key=lambda one: str(one["kind"]))
        }

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

    def _kinds(
        self,
        holdings: Holdings,
        question: RankingQuestion,
        now: Mapping[str, Table],
        *,
        sees_all: bool,
    ) -> Sequence[Mapping[str, Any]] | None:
        names_some = any(row.named for table in now.values() for row in table.rows)
        if question.by is Ranked.PROCEDURE:
            if question.scope != PROVINCE or "procedures" not in holdings.figures:
                return None
            return [each for each in holdings.figures["procedures"] if each["kpi"] == question.kpi]
        if names_some and not sees_all:
            return None  # whoever sees some of those that others do not sees ranks of their own
        if sees_all and (found := _asked(holdings, PartKind.NAMED, question)):
            return found
        if names_some:
            return None
        if question.by is Ranked.UNIT and question.scope == PROVINCE:
            return [each for each in holdings.figures["rankings"] if each["kpi"] == question.kpi]
        if not holdings.has_parts:
            return None
        found = _asked(holdings, PartKind.UNIT, question)
        # A unit alone below itself is ranked among nobody, and was not closed as a ranking.
        return found or (None if question.by is Ranked.UNIT else [])


def _asked(
    holdings: Holdings, kind: PartKind, question: RankingQuestion
) -> list[Mapping[str, Any]]:
    wanted = (question.kpi, str(question.by), str(question.scope))
    return [
        said
        for _, said in holdings.said(kind, "rankings")
        if (said["kpi"], said["by"], said["scope"]) == wanted
    ]


def _changed(table: Table, kind: str, changes: Mapping[tuple[str, str], Any]) -> Table:
    rows = (replace(row, change=changes.get((kind, row.member))) for row in table.rows)
    return replace(table, rows=tuple(rows))


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
