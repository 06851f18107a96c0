"""The wall's columns: which KPIs stand where, how wide, and which family they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from contract.readings import KpiDefinition, KpiFamily, KpiUnit, UnitReadings
from dashboards.cells import DATA_AGE
from dashboards.feed import Catalogue
from dashboards.figures import describe, reading_of

NAME_WIDTH = 31
"""Width of the units' names, in the unit of `Column.width`."""
_STATUS = ("devices_online", DATA_AGE)
"""KPIs about the system itself share the last column."""
_FAMILY_ORDER = (KpiFamily.OFFICIAL, KpiFamily.OPERATION, KpiFamily.EXPERIENCE)
"""Official and experience at the two ends."""
_WIDTHS = {KpiUnit.SHARE: 20, KpiUnit.SECONDS: 20, KpiUnit.MIX: 31}
_COUNT_WIDTHS = {3: 16, 5: 22}
"""By the characters of the province's figure: "137" and "8.412"."""
_WIDEST_COUNT = 27
_STATUS_WIDTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """KPIs that stand above one another, and the plane that they belong to."""

    definitions: tuple[KpiDefinition, ...]

    @property
    def family(self) -> KpiFamily:
        """The family of the KPIs."""
        return self.definitions[0].family

    def width(self, province: UnitReadings) -> int:
        """Return the relative width; that of a count grows with the digits of the province's."""
        definition = self.definitions[0]
        if definition.id in _STATUS:
            return _STATUS_WIDTH
        if definition.unit is not KpiUnit.COUNT:
            return _WIDTHS[definition.unit]
        figure = describe(definition, reading_of(province, definition.id)).quantity
        characters = len(figure.figure) if figure else 0
        fitting = (width for most, width in _COUNT_WIDTHS.items() if characters <= most)
        return next(fitting, _WIDEST_COUNT)


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
