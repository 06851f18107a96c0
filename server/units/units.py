"""The tree of units: what lies below each and what lies above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from contract.readings import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTree:
    """The units that are valid on one day, by their id and in their order."""

    units: Mapping[str, Unit] = field(default_factory=lambda: MappingProxyType({}))
    _below: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, units: Sequence[Unit]) -> Self:
        """Return the tree of these units; one whose parent is not among them stands at the top."""
        children: dict[str, list[str]] = {}
        for unit in units:
            if unit.parent is not None:
                children.setdefault(unit.parent, []).append(unit.id)
        return cls(
            units=MappingProxyType({unit.id: unit for unit in units}),
            _below=MappingProxyType({unit.id: _descend(unit.id, children) for unit in units}),
        )

    def below(self, unit: str) -> tuple[str, ...]:
        """Return the unit and everything below it; KeyError for one that is not in the tree."""
        return self._below[unit]

    def above(self, unit: str) -> tuple[str, ...]:
        """Return the unit and everything above it, nothing for one that is not in the tree."""
        return tuple(node for node, below in self._below.items() if unit in below)

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


def _descend(unit: str, children: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found, waiting = [unit], list(children.get(unit, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.append(node)
            waiting.extend(children.get(node, ()))
    return tuple(found)
