"""From the roles that somebody holds to what they may do and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import assert_never

from server.access.principals import EVERYWHERE, NOWHERE, Reach
from server.access.rights import Right
from server.access.roles import ROLES, Extent, Role

Below = Mapping[str, frozenset[str]]
"""Each unit that is named in a role, with everything below it, itself included."""


def reaches_of(
    roles: Iterable[tuple[str, str | None]], below: Below, appraised: frozenset[str] = frozenset()
) -> Mapping[Right, Reach]:
    """Return where each right holds; `appraised` are the units of this person's open appraisals.

    A role that this release does not know gives nothing.
    """
    reaches: dict[Right, Reach] = {}
    for role, unit in roles:
        if role not in set(Role):
            continue
        for right, extent in ROLES[Role(role)].rights.items():
            reach = _reach(extent, unit, below, appraised)
            if reach != NOWHERE:
                reaches[right] = reaches.get(right, NOWHERE) | reach
    return MappingProxyType(reaches)


def rights_within(rights: Iterable[str], unit: str | None, below: Below) -> Mapping[Right, Reach]:
    """Return each of these rights in the unit and below it, or everywhere."""
    reach = _reach(Extent.SUBTREE, unit, below, frozenset())
    return MappingProxyType({Right(right): reach for right in rights if right in set(Right)})


def owes_second_factor(roles: Iterable[tuple[str, str | None]]) -> bool:
    """Return whether one of the roles demands a second factor."""
    return any(ROLES[Role(role)].second_factor for role, _ in roles if role in set(Role))


def _reach(extent: Extent, unit: str | None, below: Below, appraised: frozenset[str]) -> Reach:
    match extent:
        case Extent.SUBTREE:
            if unit is None:
                return EVERYWHERE
            return Reach(subtrees=frozenset({unit}), below=below.get(unit, frozenset({unit})))
        case Extent.UNIT:
            return NOWHERE if unit is None else Reach(units=frozenset({unit}))
        case Extent.APPRAISAL:
            return Reach(units=appraised)
        case _:
            assert_never(extent)
