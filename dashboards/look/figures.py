"""What a reading says in words and figures, the same on every screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from contract.readings import KpiDefinition, Measure, Reading, Withheld
from dashboards.look import formats
from dashboards.look.formats import Quantity
from dashboards.look.texts import Bilingual, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and what bounds it, or why there is none.

    `note` is the interval where the reading has one, else n; for a small sample, how small.
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
        return _describe_value(definition, reading)
    few = why is Withheld.SMALL_SAMPLE
    note = f"n = {reading.n}/{definition.minimum_n}" if few else ""
    return Figure(quantity=None, note=note, withheld=say(f"withheld.{why}"))


def sample(reading: Reading) -> str:
    """Return the number of cases behind `reading`: "n = 1.234"."""
    return f"n = {formats.number(reading.n)}"


def _describe_value(definition: KpiDefinition, reading: Reading) -> Figure:
    value, parts = reading.value or 0.0, reading.parts or {}
    if "online" in parts and "known" in parts:
        known = f"{formats.number(parts['online'])}/{formats.number(parts['known'])}"
        return Figure(quantity=Quantity(figure=known))
    match definition.measure:
        case Measure.COUNT:
            return Figure(quantity=Quantity(figure=formats.number(value)))
        case Measure.SHARE:
            return Figure(quantity=formats.share(value), note=_bounds(definition, reading))
        case Measure.SECONDS:
            return Figure(quantity=formats.duration(value), note=_bounds(definition, reading))
        case Measure.DAYS:
            return Figure(quantity=formats.working_days(value), note=_bounds(definition, reading))
        case Measure.AGE:
            return Figure(quantity=formats.duration(value))
        case Measure.MIX:
            positive = formats.share(parts.get("positive", value))
            return Figure(quantity=positive, note=sample(reading))
    assert_never(definition.measure)


def _bounds(definition: KpiDefinition, reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return sample(reading)
    if definition.measure is Measure.SECONDS:
        low = formats.duration(reading.low, like_s=reading.value)
        high = formats.duration(reading.high, like_s=reading.value)
    elif definition.measure is Measure.DAYS:
        low, high = formats.working_days(reading.low), formats.working_days(reading.high)
    else:
        low, high = formats.share(reading.low), formats.share(reading.high)
    return f"{low.figure}–{high.figure}{'%' if high.unit == '%' else ''}"
