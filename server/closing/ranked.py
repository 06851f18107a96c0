"""Ranks of a closed period as a version holds them, to whoever may see them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.access.principals import Reach
from server.closing.holdings import Holdings
from server.closing.parts import PartKind
from server.rankings.measures import Ranked
from server.scopes import PROVINCE, Scope

Said = Mapping[str, Any]

CHANGES_SINCE = 3
"""The format from which on changes, and ranks of procedures within a unit, are closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRanks:
    """Which ranks of a version: by which KPI, of what, within which scope."""

    kpi: str
    by: Ranked
    scope: Scope

    def is_told(self, said: Said) -> bool:
        """Return whether this is of what is asked."""
        return (said["kpi"], said["by"], said["scope"]) == (self.kpi, self.by, str(self.scope))


def ranked_kinds_of(held: Holdings, asked: AskedRanks, seen: Reach) -> list[dict[str, Any]] | None:
    """Return each kind as it was ranked, as whoever may see officers in `seen` is told; None where
    the version holds no such ranks. `change` of a row is told where it was closed.

    Whoever may see all of the scope is told the ranks among all; anybody else those among what
    anybody may see, and of units in `seen` that few served their place among all.
    """
    if seen.takes_in(asked.scope):
        whole = _told(held, PartKind.NAMED, "rankings", asked)
        if whole:
            return _with_changes(held, PartKind.NAMED, asked, whole)
    found = _public(held, asked)
    if found is None:
        return None
    kinds = {each["kind"]: each for each in _with_changes(held, PartKind.UNIT, asked, found)}
    for part, each in held.said(PartKind.NAMED, "ranked"):
        if asked.is_told(each) and seen.has(part.unit):
            _add_own(held, asked, kinds, part.unit, each)
    return [kinds[kind] for kind in sorted(kinds)]


def has_changes(held: Holdings) -> bool:
    """Return whether a version was closed with changes since the period before."""
    return held.format >= CHANGES_SINCE


def _public(held: Holdings, asked: AskedRanks) -> list[dict[str, Any]] | None:
    """Return the kinds as anybody may see them; none of a unit alone, which is ranked by nobody."""
    if asked.by in (Ranked.UNIT, Ranked.PROCEDURE) and asked.scope == PROVINCE:
        name = "procedures" if asked.by is Ranked.PROCEDURE else "rankings"
        if name not in held.figures:
            return None
        return [dict(each) for each in held.figures[name] if each["kpi"] == asked.kpi]
    if not held.has_parts:
        return None
    if asked.by is Ranked.PROCEDURE:
        if not has_changes(held):
            return None
        return _told(held, PartKind.UNIT, "procedures", asked)
    return _told(held, PartKind.UNIT, "rankings", asked)


def _told(held: Holdings, kind: PartKind, name: str, asked: AskedRanks) -> list[dict[str, Any]]:
    return [dict(said) for _, said in held.said(kind, name) if asked.is_told(said)]


def _with_changes(
    held: Holdings,
    kind: PartKind,
    asked: AskedRanks,
    kinds: list[dict[str, Any]],
    unit: str | None = None,
) -> list[dict[str, Any]]:
    """Return the kinds with what was closed of each row's change."""
    changes: dict[str, Any] = {}
    place = (asked.scope.unit or "") if unit is None else unit
    for part, said in held.said(kind, "changes"):
        if part.unit == place and asked.is_told(said):
            changes |= said["of"]
    return [
        {
            **each,
            "rows": [
                {**row, "change": changes[row["member"]]} if row["member"] in changes else row
                for row in each["rows"]
            ],
        }
        for each in kinds
    ]


def _add_own(
    held: Holdings, asked: AskedRanks, kinds: dict[str, dict[str, Any]], unit: str, own: Said
) -> None:
    """Add rows of a unit that few served, in place of what says that they are withheld."""
    kind = own["kind"]
    (told,) = _with_changes(held, PartKind.NAMED, asked, [dict(own)], unit)
    public = kinds.get(kind, {"kpi": asked.kpi, "by": str(asked.by), "kind": kind, "rows": []})
    rows = [row for row in public["rows"] if "withheld" not in row or row["unit"] != unit]
    kinds[kind] = {**public, "rows": [*rows, *told["rows"]]}
