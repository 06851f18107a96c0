"""Figures of closed periods as they were signed, in place of what their rows give now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import msgspec
from psycopg import AsyncConnection

from contract.readings import Reading, Withheld
from server.closing.store import read_document, read_version
from server.errors import Conflict, NotFound
from server.periods import Period
from server.rankings.measures import Ranked
from server.rankings.store import RankingQuestion
from server.rankings.tables import Row, Table
from server.scopes import PROVINCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The newest version of a closed period: readings by KPI and scope, rows by KPI and kind.

    Empty where the period is not closed. Figures that would name an officer are in no closing:
    whoever may see them sees what the rows give.
    """

    readings: Mapping[tuple[str, str], Reading] = field(
        default_factory=lambda: MappingProxyType({})
    )
    kinds: Mapping[tuple[str, str], Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def reading(self, now: Reading) -> Reading:
        """Return the reading as it was closed, else the present one."""
        was = self.readings.get((now.kpi, now.scope))
        return now if was is None or was.withheld is Withheld.FEW_OFFICERS else was

    def ranking(
        self, question: RankingQuestion, tables: Mapping[str, Table]
    ) -> Mapping[str, Table]:
        """Return the rankings of the province's units as they were closed."""
        if question.by is not Ranked.UNIT or question.scope != PROVINCE:
            return tables
        return {kind: self._kind(question.kpi, kind, now) for kind, now in tables.items()}

    def _kind(self, kpi: str, kind: str, now: Table) -> Table:
        was = self.kinds.get((kpi, kind))
        if was is None or any(row.named for row in now.rows):
            return now
        rows = msgspec.convert(was["rows"], tuple[Row, ...])
        changes = {row.member: row.change for row in now.rows}
        return replace(
            now,
            rows=tuple(replace(row, change=changes.get(row.member)) for row in rows),
            level=was.get("level"),
            between_sd=was.get("between_sd"),
        )


async def read_closed(connection: AsyncConnection, period: Period) -> Closed:
    """Return what was closed of a period; raise Conflict where its document is damaged."""
    try:
        closing = await read_version(connection, str(period))
    except NotFound:
        return Closed()
    try:
        figures = (await read_document(connection, closing.number)).read()["figures"]
    except ValueError as error:
        raise Conflict(f"the document of {period} is damaged: see `motcua audit verify`") from error
    readings: Sequence[Reading] = msgspec.convert(figures["readings"], list[Reading])
    return Closed(
        readings={(each.kpi, each.scope): each for each in readings},
        kinds={(each["kpi"], each["kind"]): each for each in figures["rankings"]},
    )
