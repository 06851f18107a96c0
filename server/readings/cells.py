"""Reads one cell of an answer: a KPI at one place and time, withheld where it would name officers.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from contract.readings import Guard, Reading, Withheld
from server.access.principals import NOWHERE
from server.facts.sources import Fact, Source
from server.kpi.definition import Kpi, Moment
from server.readings.concealment import Concealment, sees, serving_source
from server.scopes import Scope
from server.units.units import UnitTree


class Cell:
    """The rows of one place and time, added once for all KPIs that rest on their source."""

    def __init__(self, source: Source[Any], rows: Sequence[Fact[Any]]) -> None:
        self.rows = rows
        self._source = source

    @cached_property
    def total(self) -> Any:  # noqa: ANN401 - the source's own
        """The totals of all rows."""
        return self.total_of(self.rows)

    def total_of(self, rows: Iterable[Fact[Any]]) -> Any:  # noqa: ANN401 - the source's own
        """Return the totals of some of the rows."""
        return self._source.total(row.totals for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlace:
    """A cell of an answer; `in_groups` where opinions are told in groups."""

    scope: Scope
    day: date | None
    tree: UnitTree
    in_groups: bool


def read_cell(
    kpi: Kpi[Any],
    cell: Cell,
    place: CellPlace,
    moment: Moment,
    concealment: Concealment,
) -> Reading:
    """Return the reading of one cell, withheld or marked where it names officers."""
    rows, day, seen = cell.rows, place.day, concealment.seen
    naming: Sequence[Fact[Any]] = ()
    if concealment.all_parts or concealment.units:
        naming = [row for row in rows if concealment.names_parts(row.unit, day)]
    hidden = [row for row in naming if not seen.has(row.unit)]
    named = concealment.names(place.scope, day)
    if (rows and len(hidden) == len(rows)) or (named and not sees(seen, place.scope, place.tree)):
        return withheld(kpi, place.scope, moment)
    told = cell.total_of(row for row in rows if row not in hidden) if hidden else cell.total
    reading = kpi.read(told, place.scope, moment)
    if reading.n == 0 and place.in_groups:
        # Nobody is told whether nobody or some said anything: it is not zero.
        reading = replace(reading, value=None, parts=None, withheld=Withheld.SMALL_SAMPLE)
    return replace(reading, named=True) if named or len(naming) > len(hidden) else reading


def withheld(kpi: Kpi[Any], scope: Scope, moment: Moment) -> Reading:
    """Return the reading of a figure that would name an officer: not even its n is told."""
    return Reading(
        kpi=kpi.id,
        version=kpi.version,
        scope=str(scope),
        period=str(moment.period),
        n=0,
        withheld=Withheld.FEW_OFFICERS,
    )


def concealment_of(kpi: Kpi[Any], concealed: Mapping[str, Concealment]) -> Concealment:
    """Return what is withheld of one KPI; of expressions also from whoever may see officers."""
    source = serving_source(kpi)
    found = Concealment() if source is None else concealed.get(source.name, Concealment())
    return replace(found, seen=NOWHERE) if kpi.guard is Guard.EXPRESSION else found
