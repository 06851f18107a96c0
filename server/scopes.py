"""Scopes as values: the place that a reading speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from server.errors import ScopeInvalid

_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_TEXT = re.compile(
    rf"(?P<province>province)|(?P<kind>subtree|unit):(?P<id>{_NAME})"
    rf"|counter:(?P<of>{_NAME})/(?P<counter>{_NAME})"
)


class ScopeKind(StrEnum):
    """How much a scope takes in."""

    PROVINCE = "province"
    SUBTREE = "subtree"
    UNIT = "unit"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The whole province, a unit with or without everything below it, or one counter."""

    kind: ScopeKind
    unit: str | None = None
    counter: str | None = None

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
        """Return the scope that `text` names; raise ScopeInvalid."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ScopeInvalid(
                f"scope {text!r} is none of province, subtree:UNIT, unit:UNIT, counter:UNIT/COUNTER"
            )
        if found["province"]:
            return cls(kind=ScopeKind.PROVINCE)
        if found["of"]:
            return cls.of_counter(found["of"], found["counter"])
        return cls(kind=ScopeKind(found["kind"]), unit=found["id"])

    def __str__(self) -> str:
        """The text from which `parse` gives this scope again."""
        match self.kind:
            case ScopeKind.PROVINCE:
                return "province"
            case ScopeKind.COUNTER:
                return f"counter:{self.unit}/{self.counter}"
            case _:
                return f"{self.kind}:{self.unit}"


PROVINCE = Scope(kind=ScopeKind.PROVINCE)
"""Every counter that was ever heard, whatever the tree says today."""
