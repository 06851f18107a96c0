"""What a reading says in words and figures, the same on every screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import assert_never

from contract.readings import KpiDefinition, Measure, Reading, Withheld
from dashboards.look import formats
from dashboards.look.formats import Quantity
from dashboards.look.texts import Bilingual, say, tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and what bounds it, or why there is none.

    `note` is the interval where the reading has one, else n, and since when where the period begins
    earlier; for a small sample, how small.
    """

    quantity: Quantity | None
    note: str = ""
    withheld: Bilingual | None = None


def reason(reading: Reading) -> Withheld | None:
    """Return why `reading` has no value: missing is missing even where nobody says why."""
    if reading.withheld is None and reading.value is None and not reading.parts:
        return Withheld.NO_DATA
    return reading.withheld


def describe(definition: KpiDefinition, reading: Reading) -> Figure:
    """Return what `reading` says."""
    why = reason(reading)
    if why is None:
        said = _describe_value(definition, reading)
        if reading.since is None:
            return said
        since = tell("figure.since", day=f"{reading.since:%d/%m/%Y}")
        return replace(said, note=f"{said.note}, {since}" if said.note else since)
    few = why is Withheld.SMALL_SAMPLE
    note = f"n = {reading.n}/{definition.minimum_n}" if few else ""
    return Figure(quantity=None, note=note, withheld=say(f"withheld.{why}"))


def write_value(definition: KpiDefinition, value: float) -> Quantity:
    """Return a value alone as the KPI's readings are written."""
    match definition.measure:
        case Measure.COUNT:
            return Quantity(figure=formats.number(value))
        case Measure.AGE:
            return formats.duration(value)
        case Measure.MIX:
            return formats.share(value)
        case Measure.SHARE | Measure.SECONDS | Measure.DAYS | Measure.INDEX:
            return _WRITTEN[definition.measure](value)
    assert_never(definition.measure)


def sample(reading: Reading) -> str:
    """Return the number of cases behind `reading`: "n = 1.234"."""
    return f"n = {formats.number(reading.n)}"


def _describe_value(definition: KpiDefinition, reading: Reading) -> Figure:
    value, parts = reading.value or 0.0, reading.parts or {}
    if "online" in parts and "known" in parts:
        known = f"{formats.number(parts['online'])}/{formats.number(parts['known'])}"
        return Figure(quantity=Quantity(figure=known))
    if definition.measure is Measure.MIX:
        value = parts.get("positive", value)
    quantity = write_value(definition, value)
    if definition.measure is Measure.MIX:
        return Figure(quantity=quantity, note=sample(reading))
    if definition.measure in _WRITTEN:
        return Figure(quantity=quantity, note=_bounds(definition, reading))
    return Figure(quantity=quantity)


_WRITTEN: Mapping[Measure, Callable[[float], Quantity]] = MappingProxyType(
    {
        Measure.SHARE: formats.share,
        Measure.SECONDS: formats.duration,
        Measure.DAYS: formats.working_days,
        Measure.INDEX: formats.index,
    }
)
"""How values that have an interval are written."""


def _bounds(definition: KpiDefinition, reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return sample(reading)
    if definition.measure is Measure.SECONDS:
        low = formats.duration(reading.low, like_s=reading.value)
        high = formats.duration(reading.high, like_s=reading.value)
    else:
        written = _WRITTEN.get(definition.measure, formats.share)
        low, high = written(reading.low), written(reading.high)
    # A dash before a minus sign cannot be read.
    to = " … " if reading.low < 0 else "–"
    return f"{low.figure}{to}{high.figure}{'%' if high.unit == '%' else ''}"
