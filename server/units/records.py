"""Units as the administration gives them, and in which order they can be stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.tabular.records import Entry
from server.tabular.refusals import Refusal, Rejection, refuse

ROOM = "server.units"
PROVINCE = "province"
"""The scope of everything: no unit may have its name."""

DEEPEST = 32
"""Levels of a tree: three have been enough for a country."""


class UnitKind(StrEnum):
    """What a unit is in the administration."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    WARD = "ward"
    OFFICE = "office"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """One unit, valid from the day `valid_from` until the day before `valid_to`.

    None leaves what is stored as it is; for a new unit, days that are None mean always. `parent`
    holds from the day `parent_since`, before which the stored one stays; `successor` is the unit
    that it was merged into.
    """

    id: str
    parent: str | None
    name_vi: str
    name_en: str | None = None
    kind: UnitKind | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    parent_since: date | None = None
    successor: str | None = None
    calendar: str | None = None
    latitude: float | None = None
    longitude: float | None = None


UnitEntry = Entry[UnitRecord]


def check(unit: UnitRecord) -> Refusal | None:
    """Return what is wrong with a unit that can be seen without any other."""
    if unit.id == PROVINCE:
        return refuse("unit_is_province", room=ROOM, column="id")
    for column in ("parent", "successor"):
        if getattr(unit, column) == unit.id:
            return refuse("unit_of_itself", room=ROOM, column=column)
    if unit.valid_from and unit.valid_to and unit.valid_from >= unit.valid_to:
        return refuse("ends_before", room=ROOM, column="valid_to", first=unit.valid_from)
    if unit.parent_since and unit.parent is None:
        return refuse("since_without_parent", room=ROOM, column="parent")
    if (unit.latitude is None) != (unit.longitude is None):
        return refuse("half_a_place", room=ROOM, column="latitude")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database holds: each unit's parent, and each unit's successor."""

    parents: Mapping[str, str | None]
    successors: Mapping[str, str | None]


def ordered(entries: Iterable[UnitEntry], known: Known) -> Iterator[UnitEntry | Rejection]:
    """Yield parents and successors before the units that name them.

    Units that are not known, circles, and trees that are too deep are rejected.
    """
    waiting = {entry.record.id: entry for entry in entries}
    parents = {unit: parent for unit, parent in known.parents.items() if unit not in waiting}
    successors = {unit: next_ for unit, next_ in known.successors.items() if unit not in waiting}
    while ready := [entry for entry in waiting.values() if _is_ready(entry.record, parents)]:
        for entry in ready:
            unit = waiting.pop(entry.record.id).record
            fault = _fault_of_place(entry, parents) or _fault_of_successor(entry, successors)
            if fault is None:
                parents[unit.id], successors[unit.id] = unit.parent, unit.successor
            yield fault or entry
    for entry in waiting.values():
        if entry.record.parent is not None and entry.record.parent not in parents:
            yield _reject(entry, "unknown_parent", "parent", entry.record.parent)
        else:
            yield _reject(entry, "unknown_successor", "successor", entry.record.successor)


def _is_ready(unit: UnitRecord, placed: Mapping[str, str | None]) -> bool:
    return all(other is None or other in placed for other in (unit.parent, unit.successor))


def _fault_of_place(entry: UnitEntry, parents: Mapping[str, str | None]) -> Rejection | None:
    unit = entry.record
    above = _above(unit.parent, parents)
    if unit.id in above:
        return _reject(entry, "above_itself", "parent", unit.parent)
    if len(above) >= DEEPEST:
        return _reject(entry, "too_deep", "parent", unit.parent, most=DEEPEST)
    return None


def _fault_of_successor(entry: UnitEntry, successors: Mapping[str, str | None]) -> Rejection | None:
    unit = entry.record
    if unit.id in _above(unit.successor, successors):
        return _reject(entry, "succeeds_itself", "successor", unit.successor)
    return None


def _above(start: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """Return `start` and what it leads to; a circle ends where it closes."""
    found: list[str] = []
    while start is not None and start not in found:
        found.append(start)
        start = parents.get(start)
    return found


def _reject(
    entry: UnitEntry, code: str, column: str, value: str | None, **parameters: object
) -> Rejection:
    return entry.reject(refuse(code, room=ROOM, column=column, **parameters), value)
