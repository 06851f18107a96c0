"""Parts of a closing beside its document, which holds the digest of each. Pure."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import msgspec

from server.closing.canonical import canonical


class PartKind(StrEnum):
    """Who may read a part."""

    UNIT = "unit"
    """Whoever may read the unit's figures."""
    NAMED = "named"
    """Whoever may see the unit's officers: so few served that figures name them."""
    OFFICER = "officer"
    """Whoever may see the unit's officers, and the officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Canonical JSON about a unit ("" for the province), or about an officer there.

    The officer's code is not in the content: it can be replaced, and the digest holds.
    """

    kind: PartKind
    unit: str
    officer: str = ""
    content: bytes

    @classmethod
    def of(cls, kind: PartKind, unit: str, said: Mapping[str, Any], officer: str = "") -> Self:
        """Return the part that says this."""
        content = canonical({"kind": str(kind), "unit": unit, **said})
        return cls(kind=kind, unit=unit, officer=officer, content=content)

    @classmethod
    def stored(cls, kind: str, unit: str, officer: str, compressed: bytes) -> Self:
        """Return a part as it was stored; raise ValueError for what is none."""
        try:
            content = zlib.decompress(compressed)
        except zlib.error as error:
            raise ValueError(f"part {kind} of {unit} is damaged") from error
        return cls(kind=PartKind(kind), unit=unit, officer=officer, content=content)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the other parts of a closing."""
        return self.unit, self.kind, self.officer

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the content."""
        return hashlib.sha256(self.content).digest()

    @property
    def compressed(self) -> bytes:
        """The content as it is stored."""
        return zlib.compress(self.content)

    def read(self) -> dict[str, Any]:
        """Return what it says; raise ValueError for what is no JSON."""
        try:
            found: dict[str, Any] = msgspec.json.decode(self.content)
        except msgspec.DecodeError as error:
            raise ValueError(f"part {self.kind} of {self.unit} is damaged") from error
        return found


_SINCE = {
    3: {
        PartKind.UNIT: frozenset({"changes", "procedures"}),
        PartKind.NAMED: frozenset({"changes", "ranked"}),
    }
}
"""What parts tell from a format on."""
_OF_PART = frozenset({"kind", "unit"})


def of_format(parts: Iterable[Part], format_: int) -> tuple[Part, ...]:
    """Return the parts as a document of a former format has them."""
    added = [told for since, told in _SINCE.items() if since > format_]
    found = tuple(parts)
    for told in added:
        found = tuple(_without(part, told.get(part.kind, frozenset())) for part in found)
    return tuple(part for part in found if part.read().keys() - _OF_PART) if added else found


def with_changes_of(parts: Iterable[Part], signed: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with the changes that were signed in place of their own."""
    was = {part.key: part.read().get("changes") for part in signed}
    found = []
    for part in parts:
        said = part.read()
        if said.pop("changes", None) != was.get(part.key):
            changes = was.get(part.key)
            told = said if changes is None else {**said, "changes": changes}
            part = replace(part, content=canonical(told))  # noqa: PLW2901
        found.append(part)
    return tuple(found)


def _without(part: Part, names: Collection[str]) -> Part:
    if not names:
        return part
    said = part.read()
    left = {name: told for name, told in said.items() if name not in names}
    return part if len(left) == len(said) else replace(part, content=canonical(left))


def listed(parts: Iterable[Part]) -> list[dict[str, str]]:
    """Return the parts as the document lists them: of officers not even the code."""
    told = [
        {"unit": part.unit, "kind": str(part.kind), "sha256": part.digest.hex()} for part in parts
    ]
    return sorted(told, key=lambda each: (each["unit"], each["kind"], each["sha256"]))
