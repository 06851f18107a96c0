"""Scopes as values: the place that a reading speaks of, and the part of what happens there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Self

from server.errors import ScopeInvalid

_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PLACE = re.compile(
    rf"(?P<province>province)|(?P<kind>subtree|unit):(?P<id>{_NAME})"
    rf"|counter:(?P<of>{_NAME})/(?P<counter>{_NAME})"
)


class ScopeKind(StrEnum):
    """How much of the province a scope takes in."""

    PROVINCE = "province"
    SUBTREE = "subtree"
    UNIT = "unit"
    COUNTER = "counter"


class Part(StrEnum):
    """What a scope may be narrowed to: one member of one of these."""

    FAMILY = "family"
    PROCEDURE = "procedure"
    CHANNEL = "channel"
    OFFICER = "officer"
    SHIFT = "shift"


_PART = re.compile(rf"(?P<part>{'|'.join(Part)}):(?P<member>{_CODE})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The whole province, a unit with or without everything below it, or one counter.

    `parts` narrow it: to a family of procedures, one procedure, a channel, an officer.
    """

    kind: ScopeKind
    unit: str | None = None
    counter: str | None = None
    parts: Mapping[Part, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @classmethod
    def subtree(cls, unit: str) -> Self:
        """Return the unit with everything below it in the tree."""
        return cls(kind=ScopeKind.SUBTREE, unit=unit)

    @classmethod
    def of_unit(cls, unit: str) -> Self:
        """Return the unit's own counters alone."""
        return cls(kind=ScopeKind.UNIT, unit=unit)

    @classmethod
    def of_counter(cls, unit: str, counter: str) -> Self:
        """Return one counter."""
        return cls(kind=ScopeKind.COUNTER, unit=unit, counter=counter)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the scope that `text` names; raise ScopeInvalid.

        A place, and after semicolons what it is narrowed to: `unit:tu-son;family:dat-dai`. Without
        a place it is the province.
        """
        first, *rest = text.split(";")
        found = _PLACE.fullmatch(first)
        if found is None:
            place, parts = cls(kind=ScopeKind.PROVINCE), [first, *rest]
        elif found["province"]:
            place, parts = cls(kind=ScopeKind.PROVINCE), rest
        elif found["of"]:
            place, parts = cls.of_counter(found["of"], found["counter"]), rest
        else:
            place, parts = cls(kind=ScopeKind(found["kind"]), unit=found["id"]), rest
        for part in parts:
            named = _PART.fullmatch(part)
            if named is None or Part(named["part"]) in place.parts:
                raise ScopeInvalid(
                    f"scope {text!r} is none of province, subtree:UNIT, unit:UNIT, "
                    "counter:UNIT/COUNTER, alone or followed by ;family:ID, ;procedure:CODE, "
                    ";channel:NAME, ;officer:CODE, ;shift:morning, ;shift:afternoon"
                )
            place = place.narrowed(Part(named["part"]), named["member"])
        return place

    def narrowed(self, part: Part, member: str) -> Self:
        """Return this scope narrowed to one member of `part`."""
        parts = {**self.parts, part: member}
        ordered = {name: parts[name] for name in Part if name in parts}
        return type(self)(
            kind=self.kind, unit=self.unit, counter=self.counter, parts=MappingProxyType(ordered)
        )

    @property
    def place(self) -> Self:
        """The place alone, with everything that happens there."""
        return type(self)(kind=self.kind, unit=self.unit, counter=self.counter)

    def __str__(self) -> str:
        """The text from which `parse` gives this scope again."""
        return _written(self)


# An answer writes each of its scopes once a KPI.
@lru_cache(maxsize=4096)
def _written(scope: Scope) -> str:
    narrowed = "".join(f";{part}:{member}" for part, member in scope.parts.items())
    match scope.kind:
        case ScopeKind.PROVINCE:
            return f"province{narrowed}"
        case ScopeKind.COUNTER:
            return f"counter:{scope.unit}/{scope.counter}{narrowed}"
        case _:
            return f"{scope.kind}:{scope.unit}{narrowed}"


PROVINCE = Scope(kind=ScopeKind.PROVINCE)
"""Every counter that was ever heard, whatever the tree says today."""
