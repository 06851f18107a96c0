"""Readings as flat rows that any system can load, one a KPI, place and period. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

from contract.readings import KpiFamily, Measure, Reading, Withheld
from contract.texts import Language, Texts, texts
from server.kpi.catalogue import BY_ID
from server.scopes import Scope
from server.units.units import UnitTree

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet takes a text for a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatFigure:
    """One reading with the names of its place and KPI in one language.

    `place` is `province` or the unit's code. `value`, `low` and `high` are in `measure`: a share is
    0 to 1. `withheld` says why there is no value.
    """

    place: str
    place_name: str
    scope: str
    kpi: str
    kpi_name: str
    family: KpiFamily
    measure: Measure
    period: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int
    withheld: Withheld | None = None
    observed_at: datetime | None = None
    version: int
    since: date | None = None


def flatten(readings: Iterable[Reading], tree: UnitTree, language: Language) -> list[FlatFigure]:
    """Return the readings as rows, in their order."""
    words = texts("server", language)
    return [_row(reading, tree, words, language) for reading in readings]


def as_csv(rows: Sequence[Any], kind: type) -> str:
    """Return rows of the dataclass `kind` as CSV (RFC 4180) with a line of names; times are UTC.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    names = [field.name for field in fields(kind)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return out.getvalue()


def _row(reading: Reading, tree: UnitTree, words: Texts, language: Language) -> FlatFigure:
    kpi, scope = BY_ID[reading.kpi], Scope.parse(reading.scope)
    return FlatFigure(
        place=scope.unit or "province",
        place_name=_name(scope, tree, words, language),
        scope=reading.scope,
        kpi=reading.kpi,
        kpi_name=words[f"kpi.{reading.kpi}.name"],
        family=kpi.family,
        measure=kpi.measure,
        period=reading.period,
        value=reading.value,
        low=reading.low,
        high=reading.high,
        n=reading.n,
        withheld=reading.withheld,
        observed_at=reading.observed_at,
        version=reading.version,
        since=reading.since,
    )


def _name(scope: Scope, tree: UnitTree, words: Texts, language: Language) -> str:
    if scope.unit is None:
        return words["place.province"]
    unit = tree.units[scope.unit]
    return unit.name_vi if language is Language.VI else unit.name_en


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat()
        case str():
            return "'" + value if value.startswith(FORMULA) else str(value)
        case _:
            return str(value)
