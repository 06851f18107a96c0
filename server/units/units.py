"""The tree of units on one day: what lies below each, above it, and what was merged into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from contract.readings import Unit


class TreeView(StrEnum):
    """By which tree the figures of a period are told that a merger lies in."""

    NOW = "now"
    """By today's: what merged units did counts for those that they were merged into."""

    THEN = "then"
    """By the tree of each day: every unit has what it did while it was there.

    What a unit's devices still send after its end counts for its successor here too.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTree:
    """The units that are valid on one day, by their id and in their order.

    `successors` leads from each former unit to the valid one that it was merged into, at once or by
    way of others. Each former unit is counted for one valid unit at most.
    """

    units: Mapping[str, Unit] = field(default_factory=lambda: MappingProxyType({}))
    successors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    _below: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    _merged: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, units: Sequence[Unit], merged_into: Mapping[str, str] | None = None) -> Self:
        """Return the tree of these units; one whose parent is not among them stands at the top.

        `merged_into` gives former units' immediate successors; without it nothing counts for
        another unit.
        """
        valid = {unit.id: unit for unit in units}
        children: dict[str, list[str]] = {}
        for unit in units:
            if unit.parent is not None:
                children.setdefault(unit.parent, []).append(unit.id)
        successors = _successors(valid, merged_into or {})
        merged: dict[str, list[str]] = {}
        for former, successor in sorted(successors.items()):
            merged.setdefault(successor, []).append(former)
        return cls(
            units=MappingProxyType(valid),
            successors=MappingProxyType(successors),
            _below=MappingProxyType({unit.id: _descend(unit.id, children) for unit in units}),
            _merged=MappingProxyType({unit: tuple(former) for unit, former in merged.items()}),
        )

    def below(self, unit: str) -> tuple[str, ...]:
        """Return the unit and everything below it; KeyError for one that is not in the tree."""
        return self._below[unit]

    def above(self, unit: str) -> tuple[str, ...]:
        """Return the unit and everything above it, for a former unit those of its successor.

        Nothing for one that is neither in the tree nor merged into one that is.
        """
        valid = self.successors.get(unit, unit)
        return tuple(node for node, below in self._below.items() if valid in below)

    def counted(self, unit: str) -> tuple[str, ...]:
        """Return the units whose facts are this one's own: itself and what was merged into it."""
        return (unit, *self._merged.get(unit, ()))

    def counted_below(self, unit: str) -> tuple[str, ...]:
        """Return the units whose facts make up the unit with everything below it."""
        return tuple(each for node in self.below(unit) for each in self.counted(node))

    def counts(self, unit: str) -> bool:
        """Return whether a unit counts in the province's figures: not before it is accepted.

        One outside today's tree does: it was one of ours.
        """
        return unit not in self.units or self.units[unit].accepted

    @property
    def accepted(self) -> tuple[str, ...]:
        """The units that stand on the province's screens, in their order."""
        return tuple(unit.id for unit in self.units.values() if unit.accepted)

    def simulated(self, unit: str) -> bool:
        """Return whether anything in the unit's subtree is simulated."""
        return any(self.units[node].simulated for node in self.below(unit))


def _successors(valid: Iterable[str], merged_into: Mapping[str, str]) -> dict[str, str]:
    """Return where each former unit's successors end, for those that end at a valid unit."""
    valid = frozenset(valid)
    ends: dict[str, str] = {}
    for former in merged_into:
        node, seen = former, {former}
        while node not in valid and node in merged_into and merged_into[node] not in seen:
            node = merged_into[node]
            seen.add(node)
        if former not in valid and node in valid:
            ends[former] = node
    return ends


def _descend(unit: str, children: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found, waiting = {unit: None}, list(children.get(unit, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = None
            waiting.extend(children.get(node, ()))
    return tuple(found)
