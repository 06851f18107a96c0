"""The wall's columns: which KPIs stand where, how wide, and which family they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from contract.readings import KpiDefinition, KpiFamily, KpiUnit, UnitReadings
from dashboards.cells import DATA_AGE
from dashboards.feed import Catalogue
from dashboards.figures import describe, reading_of
from dashboards.formats import Quantity
from dashboards.words import RATINGS

NAME_WIDTH = 29.0
"""Least width of the units' names. All widths are in 10 px of a screen of 1920 x 1080."""
_STATUS = ("devices_online", DATA_AGE)
"""KPIs about the system itself share the last column."""
_FAMILY_ORDER = (KpiFamily.OFFICIAL, KpiFamily.OPERATION, KpiFamily.EXPERIENCE)
"""Official and experience at the two ends."""
_LEAST = {KpiUnit.COUNT: 14.2, KpiUnit.SHARE: 18.0, KpiUnit.SECONDS: 18.8, KpiUnit.MIX: 30.0}
"""What labels, notes and the units' smaller figures need."""
_LEAST_RATINGS, _LEAST_STATUS = 17.0, 17.0
"""Bars beside an age; devices above it."""
_DIGIT, _MARK = 4.5, 2.2
"""Of the province's figures, 96 px high."""
_UNITS = {"%": 3.2, "giây": 7.6, "phút": 7.6, "giờ": 6.2}
_STATUS_SCALE = 0.62
_AVAILABLE, _GAP = 185.6, 1.8
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """KPIs that stand above one another, and the plane that they belong to."""

    definitions: tuple[KpiDefinition, ...]

    @property
    def family(self) -> KpiFamily:
        """The family of the KPIs."""
        return self.definitions[0].family

    def width(self, province: UnitReadings, *, scale: float = 1.0) -> float:
        """Return the relative width: it grows with the province's figure, drawn at `scale`."""
        definition = self.definitions[0]
        reading = reading_of(province, definition.id)
        figure = describe(definition, reading).quantity
        least = _LEAST[definition.unit]
        if definition.id in _STATUS:
            least, scale = _LEAST_STATUS, _STATUS_SCALE
        elif reading.parts and reading.parts.keys() <= RATINGS.keys():
            least = _LEAST_RATINGS
        if figure is None or definition.unit is KpiUnit.MIX:
            return least
        return max(least, _figure_width(figure, scale))


def _figure_width(quantity: Quantity, scale: float) -> float:
    digits = sum(_DIGIT if letter.isdigit() else _MARK for letter in quantity.figure)
    return scale * digits + _UNITS.get(quantity.unit, 0.0)


def fit(columns: Sequence[Column], province: UnitReadings) -> float:
    """Return the scale at which all the province's figures stand beside one another."""
    room = _AVAILABLE - NAME_WIDTH - _GAP * len(columns)
    for scale in _SCALES:
        if sum(column.width(province, scale=scale) for column in columns) <= room:
            return scale
    return _SCALES[-1]


def arrange(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the wall's columns: KPIs by family in the catalogue's order, the system's own last."""
    status = tuple(d for d in catalogue if d.id in _STATUS)
    columns = [Column(definitions=(d,)) for d in catalogue if d.id not in _STATUS]
    columns += [Column(definitions=status)] if status else []
    return tuple(sorted(columns, key=lambda column: _FAMILY_ORDER.index(column.family)))


def spans(columns: Sequence[Column]) -> Iterator[tuple[KpiFamily, dict[str, str]]]:
    """Yield each family with the style that spans its columns."""
    start = 2
    for family, group in groupby(columns, key=lambda column: column.family):
        count = len(list(group))
        yield family, {"gridColumn": f"{start} / span {count}"}
        start += count
