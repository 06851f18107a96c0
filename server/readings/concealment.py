"""Which opinion and service figures would name an officer, and which neighbours hide them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from contract.readings import Guard
from server.access.principals import NOWHERE, Reach
from server.facts.complaints import COMPLAINTS
from server.facts.dossiers import DOSSIERS
from server.facts.expression_shifts import EXPRESSION_SHIFTS
from server.facts.serving import (
    ANSWERING,
    DECIDING,
    FEWEST_OFFICERS,
    SERVING,
    ServingTotals,
)
from server.facts.sources import Fact, Source
from server.kpi.definition import Kpi
from server.scopes import PROVINCE, Scope, ScopeKind
from server.units.units import UnitTree

Served = Mapping[str, frozenset[int]]
"""Who served in each unit, as numbers; at most FEWEST_OFFICERS of each."""


def serving_source(kpi: Kpi[Any]) -> Source[ServingTotals] | None:
    """Return who is counted for a KPI that names officers where few served, None for any other.

    Expressions by shift leave out by themselves the half days in which few did.
    """
    if kpi.guard is Guard.NONE or kpi.source is EXPRESSION_SHIFTS:
        return None
    return {DOSSIERS.name: DECIDING, COMPLAINTS.name: ANSWERING}.get(kpi.source.name, SERVING)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A figure that is released or not: of a place, and of the places that add up to it."""

    scope: Scope
    people: frozenset[int]
    parts: tuple[_Cell, ...] = ()

    @property
    def size(self) -> tuple[int, str]:
        return min(len(self.people), FEWEST_OFFICERS), str(self.scope)


def concealed_places(tree: UnitTree, served: Served) -> frozenset[Scope]:
    """Return the places whose figures are withheld: those in which fewer than three officers
    served, and as many others as it takes that no sum less its other parts tells of fewer.

    What is withheld among the parts of a released sum together has three officers at least. Others
    are taken by the number of officers, then by name. Where nobody is known to have served, nobody
    is named.
    """
    if all(len(people) >= FEWEST_OFFICERS for people in served.values() if people):
        return frozenset()  # so served more in every sum of them
    hidden: set[Scope] = set()
    tops = [unit for unit, each in tree.units.items() if each.parent not in tree.units]
    children: defaultdict[str, list[str]] = defaultdict(list)
    for each in tree.units.values():
        if each.parent is not None:
            children[each.parent].append(each.id)
    cells = {unit: _subtree(tree, unit, children, served) for unit in tops}
    counted = tuple(cell for unit, cell in cells.items() if tree.counts(unit))
    people = frozenset().union(*(cell.people for cell in counted))
    _conceal(_Cell(PROVINCE, people, counted), hidden)
    for unit, cell in cells.items():
        if not tree.counts(unit):
            _conceal(cell, hidden)
    return frozenset(hidden)


def untold_units(facts: Iterable[Fact[ServingTotals]]) -> frozenset[tuple[str, date | None]]:
    """Return the units, with the day, of which no part is told: in one of them few served.

    `facts` are of all parts of one kind. All or none: from the others and the unit's own sum one
    that is left out could be computed.
    """
    cells: defaultdict[tuple[str, date | None, str | None], ServingTotals] = defaultdict(
        ServingTotals
    )
    for fact in facts:
        cells[fact.unit, fact.day, fact.member] += fact.totals
    return frozenset((unit, day) for (unit, day, _), people in cells.items() if people.names_one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealment:
    """What of one answer is withheld from whoever asks, by the first day of each step.

    `places` are whole ones; `units` those of which nothing below the unit is told; with `all_parts`
    nothing is but where `seen` holds.
    """

    places: Mapping[date | None, frozenset[Scope]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    units: frozenset[tuple[str, date | None]] = frozenset()
    all_parts: bool = False
    seen: Reach = NOWHERE

    def names(self, scope: Scope, day: date | None) -> bool:
        """Return whether the figure of a whole place names officers, or helps to."""
        return scope in self.places.get(day, frozenset())

    def names_parts(self, unit: str, day: date | None) -> bool:
        """Return whether what parts of the unit did names officers, or helps to."""
        return self.all_parts or (unit, day) in self.units


def sees(reach: Reach, scope: Scope, tree: UnitTree) -> bool:
    """Return whether all units of a place lie within `reach`."""
    if reach.everywhere or reach == NOWHERE:
        return reach.everywhere
    if scope.unit is None:
        return False
    if scope.kind is ScopeKind.SUBTREE and scope.unit in tree.units:
        return all(reach.has(unit) for unit in tree.below(scope.unit))
    return reach.has(scope.unit)


def served_by_day(facts: Sequence[Fact[ServingTotals]]) -> Mapping[date | None, Served]:
    """Return who served in each unit, by the first day of each step."""
    found: defaultdict[date | None, dict[str, frozenset[int]]] = defaultdict(dict)
    for fact in facts:
        units = found[fact.day]
        units[fact.unit] = units.get(fact.unit, frozenset()) | fact.totals.people
    return found


def _subtree(
    tree: UnitTree, unit: str, children: Mapping[str, Sequence[str]], served: Served
) -> _Cell:
    """Return the cell of a unit with everything below it; its own counters are one of its parts."""
    own = frozenset().union(*(served.get(each, frozenset()) for each in tree.counted(unit)))
    below = (_subtree(tree, child, children, served) for child in children.get(unit, ()))
    parts = (_Cell(Scope.of_unit(unit), own), *below)
    people = frozenset().union(*(part.people for part in parts))
    return _Cell(Scope.subtree(unit), people, parts)


def _conceal(cell: _Cell, hidden: set[Scope]) -> frozenset[int]:
    """Hide what has to be within the cell; return who served in what is hidden there."""
    left: frozenset[int] = frozenset()
    for part in cell.parts:
        inside = _conceal(part, hidden)
        if part.scope in hidden:
            left |= inside
    if 0 < len(cell.people) < FEWEST_OFFICERS:
        hidden.add(cell.scope)
        return left or cell.people
    while 0 < len(left) < FEWEST_OFFICERS and (smallest := _smallest(cell, hidden)) is not None:
        left |= _hide(smallest, hidden)
    return left


def _hide(cell: _Cell, hidden: set[Scope]) -> frozenset[int]:
    """Hide the cell, and enough within it that its parts do not add up to it."""
    hidden.add(cell.scope)
    if not cell.parts:
        return cell.people
    left = frozenset().union(
        *(_left_out(part, hidden) for part in cell.parts if part.scope in hidden)
    )
    while not left and (part := _smallest(cell, hidden)) is not None:
        left |= _hide(part, hidden)
    return left


def _smallest(cell: _Cell, hidden: set[Scope]) -> _Cell | None:
    """Return the part that is told and in which the fewest served, by name among equals."""
    told = (part for part in cell.parts if part.people and part.scope not in hidden)
    return min(told, key=lambda each: each.size, default=None)


def _left_out(cell: _Cell, hidden: set[Scope]) -> frozenset[int]:
    """Return who served in what is hidden of a hidden cell."""
    if not cell.parts:
        return cell.people
    return frozenset().union(
        *(_left_out(part, hidden) for part in cell.parts if part.scope in hidden)
    )
