"""Words that every report needs: of periods, places, kinds of units and readings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.local_time import LOCAL_TIME
from contract.readings import KpiFamily, Measure, Reading
from contract.texts import Language, Texts, texts
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.reports.document import (
    Cell,
    CellKind,
    Definition,
    Figure,
    Interval,
    Missing,
)
from server.scopes import Scope
from server.units.units import UnitTree

ROOM = "server.reports"
SHARE_PLACES, FIGURE_PLACES = 4, 4
"""Figures are rounded once, when the document is made: the same on every machine."""

_DIGITS = 16
"""Of a digest: enough to compare by eye."""

FAMILIES = (KpiFamily.OFFICIAL, KpiFamily.EXPERIENCE, KpiFamily.OPERATION)

_KINDS = {
    Measure.COUNT: CellKind.COUNT,
    Measure.SHARE: CellKind.SHARE,
    Measure.SECONDS: CellKind.MINUTES,
    Measure.DAYS: CellKind.DAYS,
    Measure.INDEX: CellKind.NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The texts of one language, and the names of a tree of units."""

    language: Language
    tree: UnitTree

    @property
    def texts(self) -> Texts:
        """The texts of reports."""
        return texts(ROOM, self.language)

    def unit(self, unit: str) -> str:
        """Return the name of a unit; its code where the tree has it no more."""
        known = self.tree.units.get(unit)
        if known is None:
            return unit
        return known.name_vi if self.language is Language.VI else known.name_en

    def place(self, scope: Scope) -> str:
        """Return the name of a place."""
        return self.texts["place.province"] if scope.unit is None else self.unit(scope.unit)

    def kind(self, kind: str) -> str:
        """Return what units of a kind are called together."""
        if kind and f"kind.{kind}" not in self.texts:
            return kind
        return self.texts.get(f"kind.{kind}", self.texts["kind.other"])

    def kpi(self, kpi: str) -> str:
        """Return the name of a KPI."""
        return texts("server", self.language)[f"kpi.{kpi}.name"]

    def period(self, period: Period) -> str:
        """Return a period of the calendar in words."""
        assert period.first is not None
        day = period.first
        year, week = day.year, 0
        if period.step is Step.WEEK:
            year, week, _ = day.isocalendar()
        return self.texts.format(
            f"period.{period.step}",
            day=day.day,
            month=day.month,
            quarter=(day.month + 2) // 3,
            year=year,
            week=week,
        )

    def days(self, period: Period) -> str:
        """Return the first and last day of a period."""
        assert period.first is not None
        assert period.end is not None
        return f"{period.first:%d/%m/%Y} – {period.end - timedelta(days=1):%d/%m/%Y}"

    def edition(self, version: int, closed_at: datetime, digest: str) -> str:
        """Return which version of a closed period's figures there is."""
        day = f"{closed_at.astimezone(LOCAL_TIME):%d/%m/%Y}"
        return self.texts.format("stamp.closed", version=version, day=day, digest=digest[:_DIGITS])

    def missing(self, reading: Reading | None) -> Missing:
        """Return why there is no figure."""
        if reading is None:
            return Missing(reason=self.texts["missing.not_told"])
        return Missing(reason=self.texts[f"missing.{reading.withheld or 'no_data'}"])

    def definition(self, kpi: str) -> Definition:
        """Return what a KPI is, with the version of its definition."""
        found = BY_ID[kpi].definition
        vietnamese = self.language is Language.VI
        return Definition(
            name=found.name_vi if vietnamese else found.name_en,
            text=found.description_vi if vietnamese else found.description_en,
            version=str(found.version),
        )

    def method(self, name: str) -> Definition:
        """Return what a method of ranking is."""
        return Definition(
            name=self.texts[f"definition_name.{name}"], text=self.texts[f"definition.{name}"]
        )


def value_of(reading: Reading | None, words: Wording) -> Cell:
    """Return a reading's value as a figure of its kind, rounded."""
    if reading is None or reading.value is None:
        return words.missing(reading)
    kind = kind_of(reading.kpi)
    value = reading.value / 60 if kind is CellKind.MINUTES else reading.value
    if kind is CellKind.COUNT:
        kind = CellKind.COUNT if float(value).is_integer() else CellKind.NUMBER
        return Figure(kind=kind, value=int(value) if kind is CellKind.COUNT else _round(value))
    return Figure(kind=kind, value=_round(value))


def interval_of(reading: Reading | None) -> Interval | None:
    """Return the interval of a reading in the unit of its value; None where it has none."""
    if reading is None or None in (reading.value, reading.low, reading.high):
        return None
    assert reading.low is not None
    assert reading.high is not None
    kind = kind_of(reading.kpi)
    if kind is CellKind.SHARE:
        return Interval(low=_round(reading.low), high=_round(reading.high))
    unit = 60 if kind is CellKind.MINUTES else 1
    return Interval(low=_round(reading.low / unit), high=_round(reading.high / unit), kind=kind)


def kind_of(kpi: str) -> CellKind:
    """Return how a KPI's value is read."""
    return _KINDS[BY_ID[kpi].measure]


def told_in_reports(kpi: str) -> bool:
    """Return whether a KPI has one value that a table can hold."""
    return BY_ID[kpi].measure in _KINDS


def share(value: float) -> float:
    """Return a share as documents hold it."""
    return round(value, SHARE_PLACES)


def _round(value: float) -> float:
    # A negative zero would be other bytes.
    return round(float(value), FIGURE_PLACES) + 0.0
