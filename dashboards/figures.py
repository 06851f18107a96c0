"""What a reading says in words and figures, the same on every screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from contract.readings import KpiDefinition, KpiUnit, Reading, UnitReadings, Withheld
from dashboards import formats
from dashboards.formats import Quantity
from dashboards.words import NO_DATA, SMALL_SAMPLE, STALE, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and what bounds it, or why there is none.

    `note` is the interval where the reading has one, else n; for a small sample, how small.
    """

    quantity: Quantity | None
    note: str = ""
    withheld: Words | None = None


def reading_of(unit: UnitReadings, kpi: str) -> Reading:
    """Return the reading of `kpi`, one withheld for want of data if `unit` has none."""
    for reading in unit.readings:
        if reading.kpi == kpi:
            return reading
    return Reading(kpi=kpi, version=0, n=0, withheld=Withheld.NO_DATA)


def reason(reading: Reading) -> Withheld | None:
    """Return why `reading` has no value: missing is missing even where nobody says why."""
    if reading.withheld is None and reading.value is None and not reading.parts:
        return Withheld.NO_DATA
    return reading.withheld


def describe(definition: KpiDefinition, reading: Reading) -> Figure:
    """Return what `reading` says."""
    match reason(reading):
        case Withheld.SMALL_SAMPLE:
            so_few = f"n = {reading.n}/{definition.minimum_n}"
            return Figure(quantity=None, note=so_few, withheld=SMALL_SAMPLE)
        case Withheld.NO_DATA:
            return Figure(quantity=None, withheld=NO_DATA)
        case Withheld.STALE:
            return Figure(quantity=None, withheld=STALE)
        case None:
            return _describe_value(definition, reading)
    assert_never(reading.withheld)


def sample(reading: Reading) -> str:
    """Return the number of cases behind `reading`: "n = 1.234"."""
    return f"n = {formats.number(reading.n)}"


def _describe_value(definition: KpiDefinition, reading: Reading) -> Figure:
    value, parts = reading.value or 0.0, reading.parts or {}
    if "online" in parts and "known" in parts:
        known = f"{formats.number(parts['online'])}/{formats.number(parts['known'])}"
        return Figure(quantity=Quantity(figure=known))
    match definition.unit:
        case KpiUnit.COUNT:
            return Figure(quantity=Quantity(figure=formats.number(value)))
        case KpiUnit.SHARE:
            return Figure(quantity=formats.share(value), note=_bounds(definition, reading))
        case KpiUnit.SECONDS:
            return Figure(quantity=formats.duration(value), note=_bounds(definition, reading))
        case KpiUnit.MIX:
            positive = formats.share(parts.get("positive", value))
            return Figure(quantity=positive, note=sample(reading))
    assert_never(definition.unit)


def _bounds(definition: KpiDefinition, reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return sample(reading)
    if definition.unit is KpiUnit.SECONDS:
        low = formats.duration(reading.low, like_s=reading.value)
        high = formats.duration(reading.high, like_s=reading.value)
    else:
        low, high = formats.share(reading.low), formats.share(reading.high)
    return f"{low.figure}–{high.figure}{'%' if high.unit == '%' else ''}"
