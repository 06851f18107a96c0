"""The document of a closing: its figures with the digests of their rows, and what changed. Pure."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from server.closing.canonical import canonical, plain
from server.closing.editions import Edition
from server.closing.figures import Told
from server.closing.parts import Part
from server.periods import Period

FORMAT = 3
"""The version of what a document holds: the second names parts, which are kept beside it; those of
the third tell ranks of procedures within units, changes, and own rows of units that few served.
"""

_OF_PART = {
    "unit": "points, counters and dossiers",
    "named": "figures that name officers",
    "officer": "officers' figures",
}

_MOST_LEAVES, _LONGEST = 3, 60
"""Of a figure that differs: members that are named, and letters of each value."""

_MOST_CHANGES = 5_000
"""Beyond them a list says how many there are; the documents of both versions have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is closed: canonical JSON and its SHA-256."""

    content: bytes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.content).digest()

    @property
    def compressed(self) -> bytes:
        """The JSON as it is stored."""
        return zlib.compress(self.content)

    @classmethod
    def stored(cls, compressed: bytes) -> Document:
        """Return a document as it was stored; raise ValueError for what is none."""
        try:
            return cls(content=zlib.decompress(compressed))
        except zlib.error as error:
            raise ValueError("the document is damaged") from error

    def read(self) -> dict[str, Any]:
        """Return what it says; raise ValueError for what is no JSON."""
        try:
            found: dict[str, Any] = msgspec.json.decode(self.content)
        except msgspec.DecodeError as error:
            raise ValueError("the document is damaged") from error
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes into a document besides what names it."""

    told: Told
    rows: Sequence[Mapping[str, Any]]
    still_open: Mapping[str, int] = field(default_factory=dict)
    cause: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[Mapping[str, Any]] = ()


def document(period: Period, version: int, known_at: datetime, contents: Contents) -> Document:
    """Return the document of one version of a closed period."""
    said = {
        "format": FORMAT,
        "period": str(period),
        "version": version,
        "known_at": known_at,
        "before": _edition(period, contents.told.before),
        "figures": contents.told.figures,
        "rows": contents.rows,
        "open": contents.still_open,
        "cause": contents.cause,
        "changes": contents.changes,
    }
    return Document(content=canonical(plain(said)))


def _edition(period: Period, before: Edition | None) -> dict[str, Any]:
    """Return which edition of the period before changes are told beside."""
    named = {"period": str(period.previous())}
    if before is None:
        return named
    return {**named, "version": before.version, "sha256": before.digest}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between the figures of two documents, by what it is of.

    Each names the reading, rank or class and its members that differ, before and after; without
    one of both it was not there.
    """
    found = list(_changes(before, after))
    if len(found) > _MOST_CHANGES:
        found = [*found[:_MOST_CHANGES], {"of": f"{len(found) - _MOST_CHANGES} more"}]
    return found


def first_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Return the first figure that differs, in one line; None where all are the same."""
    change = next(_changes(before, after), None)
    if change is None:
        return None
    told = list(islice(_leaves("", change.get("before"), change.get("after")), _MOST_LEAVES))
    return f"{change['of']}: {'; '.join(told)}"


def difference_of_parts(was: Part | None, now: Part | None, *, renamed: bool) -> str | None:
    """Return the first figure in which two parts differ, in one line; None where none does.

    Where officers were `renamed` their ranks are not compared: ties are broken in their order.
    """
    some = now if was is None else was
    assert some is not None
    of = f"{_OF_PART[some.kind]} of {some.unit or 'province'}"
    if some.officer:
        of = f"figures of officer {some.officer} of {some.unit}"
    if was is None or now is None:
        if renamed and some.officer:
            return None
        return f"{of}: {'nothing was closed' if was is None else 'closed, and nothing now'}"
    if was.content == now.content:
        return None
    left_out = {"ranks"} if renamed else set[str]()
    old, new = (
        {name: value for name, value in part.read().items() if name not in left_out}
        for part in (was, now)
    )
    told = list(islice(_leaves("", old, new), _MOST_LEAVES))
    return f"{of}: {'; '.join(told)}" if told else None


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    was, now = dict(_named(before)), dict(_named(after))
    for of in dict.fromkeys([*was, *now]):
        old, new = was.get(of), now.get(of)
        if old == new:
            continue
        change: dict[str, Any] = {"of": of}
        for name, one, other in (("before", old, new), ("after", new, old)):
            if one is not None:
                change[name] = {
                    each: value
                    for each, value in one.items()
                    if other is None or other.get(each) != value
                }
        yield change


def _named(figures: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every figure by what it is of."""
    for reading in figures["readings"]:
        yield f"reading {reading['kpi']} of {reading['scope']}", reading
    for kind in figures["rankings"]:
        told = {name: value for name, value in kind.items() if name != "rows"}
        yield f"ranking by {kind['kpi']} of {kind['kind']}", told
        for row in kind["rows"]:
            yield f"rank by {kind['kpi']} of {row['member']}", row
    for each in figures["classes"]:
        yield f"class by {each['scheme']} of {each['unit']}", each
    for kind in figures.get("procedures", ()):
        told = {name: value for name, value in kind.items() if name != "rows"}
        yield f"ranking of procedures by {kind['kpi']} of {kind['kind']}", told
        for row in kind["rows"]:
            yield f"rank by {kind['kpi']} of procedure {row['member']}", row
    yield from _parts(figures.get("parts", ()))


def _parts(parts: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the digests of each unit's parts: what they say is told by right."""
    found: dict[str, list[str]] = {}
    for part in parts:
        place = part["unit"] or "province"
        found.setdefault(f"{_OF_PART[part['kind']]} of {place}", []).append(part["sha256"])
    for of, digests in found.items():
        yield of, {"sha256": digests}


def _leaves(name: str, old: object, new: object) -> Iterator[str]:
    """Yield where within a figure two values differ, and both."""
    match old, new:
        case dict(), dict():
            for each in sorted({*old, *new}):
                inside = f"{name}.{each}" if name else each
                yield from _leaves(inside, old.get(each), new.get(each))
        case list(), list() if len(old) == len(new):
            for number, pair in enumerate(zip(old, new, strict=True)):
                yield from _leaves(f"{name}[{number}]", *pair)
        case _ if old != new:
            yield f"{name} closed {_said(old)}, now {_said(new)}".lstrip()


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)[:_LONGEST]
