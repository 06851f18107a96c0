"""Who asks: a value that every route and stream is given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from server.access.rights import FOR_ANYONE, Right
from server.scopes import Scope, ScopeKind


class PrincipalKind(StrEnum):
    """What somebody that asks is known by."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    KEY = "key"
    SCREEN = "screen"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a right holds: everywhere, in `subtrees` and all below them, or in single `units`.

    `below` are the units of all the subtrees, so that a check needs no tree.
    """

    everywhere: bool = False
    subtrees: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()

    def takes_in(self, scope: Scope) -> bool:
        """Return whether all of `scope` lies within."""
        if self.everywhere:
            return True
        match scope.kind:
            case ScopeKind.PROVINCE:
                return False
            case ScopeKind.SUBTREE:
                return scope.unit in self.below
            case ScopeKind.UNIT | ScopeKind.COUNTER:
                return scope.unit in self.below or scope.unit in self.units

    def has(self, unit: str) -> bool:
        """Return whether the unit itself lies within."""
        return self.everywhere or unit in self.below or unit in self.units

    def named(self) -> frozenset[str] | None:
        """Return the units that lie within, None for all."""
        return None if self.everywhere else self.below | self.units

    def within(self, unit: str | None) -> frozenset[str] | None:
        """Return the units that lie within, None for all; with `unit` that one alone, or none."""
        if unit is None:
            return self.named()
        return frozenset({unit} if self.has(unit) else ())

    def scopes(self) -> tuple[str, ...]:
        """Return the largest scopes within, as addresses write them."""
        if self.everywhere:
            return ("province",)
        subtrees = (str(Scope.subtree(unit)) for unit in sorted(self.subtrees))
        return (*subtrees, *(str(Scope.of_unit(unit)) for unit in sorted(self.units)))

    def __or__(self, other: Reach) -> Reach:
        """Return where either holds."""
        return Reach(
            everywhere=self.everywhere or other.everywhere,
            subtrees=self.subtrees | other.subtrees,
            units=self.units | other.units,
            below=self.below | other.below,
        )


EVERYWHERE = Reach(everywhere=True)
NOWHERE = Reach()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody, or something, that asks; `reaches` says what they may do and where.

    `scenes` bounds what a wall may show and orders it, None for every scene; each stays for
    `turn_s` seconds, in `language`; None leaves both to the wall. `owes` names what has to be done
    before anything else is allowed: a second factor that their role demands.
    """

    name: str
    kind: PrincipalKind = PrincipalKind.ACCOUNT
    reaches: Mapping[Right, Reach] = field(default_factory=lambda: MappingProxyType({}))
    account: UUID | None = None
    sign_in: UUID | None = None
    full_name: str = ""
    officer: str | None = None
    roles: tuple[tuple[str, str | None], ...] = ()
    scenes: tuple[str, ...] | None = None
    turn_s: float | None = None
    language: str | None = None
    owes_second_factor: bool = False

    def reach(self, right: Right) -> Reach:
        """Return where this principal has `right`; what is for anyone is for everybody."""
        return EVERYWHERE if right in FOR_ANYONE else self.reaches.get(right, NOWHERE)

    def may(self, right: Right, scope: Scope | None = None) -> bool:
        """Return whether this principal has `right` in all of `scope`, without one anywhere."""
        reach = self.reach(right)
        return reach != NOWHERE if scope is None else reach.takes_in(scope)

    def may_see_officer(self, officer: str, unit: str) -> bool:
        """Return whether figures of the officer, who serves in `unit`, may be shown by name."""
        return officer == self.officer or self.reach(Right.READ_OFFICERS).has(unit)


ANYONE = Principal(name="anyone", kind=PrincipalKind.ANYONE)
"""Whoever reaches the port without saying who they are."""
