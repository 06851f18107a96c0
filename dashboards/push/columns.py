"""The wall's columns: which KPIs stand where, how wide, and which family they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from contract.readings import KpiDefinition, KpiFamily, Measure, Reading
from dashboards.api.views import Catalogue, View
from dashboards.look.figures import describe, reason
from dashboards.look.formats import Quantity
from dashboards.look.texts import RATINGS
from dashboards.push.scenes import is_status

NAME_WIDTH = 29.0
"""Least width of the units' names. All widths are in 10 px of a screen of 1920 x 1080."""
_FAMILY_ORDER = (KpiFamily.OFFICIAL, KpiFamily.OPERATION, KpiFamily.EXPERIENCE)
"""Official and experience at the two ends."""
_LEAST = {
    Measure.COUNT: 14.2,
    Measure.SHARE: 19.6,
    Measure.SECONDS: 18.8,
    Measure.DAYS: 18.8,
    Measure.AGE: 17.0,
    Measure.INDEX: 18.8,
    Measure.MIX: 21.0,
}
"""What labels, notes and the units' smaller figures need."""
_LEAST_RATINGS, _LEAST_STATUS, _LEAST_FAMILY = 17.0, 16.4, 16.4
"""Bars beside an age; devices above it; a family's heading over a single column."""
_WIDE_MIX = 30.0
"""A mix beside which everything else has room as well."""
_DIGIT, _MARK = 4.5, 2.2
"""Of the scope's figures, 96 px high."""
_ROW_DIGIT, _ROW_MARK = 2.9, 1.5
"""Of the units' figures, 56 px high."""
_LETTER, _PER_CENT = 1.9, 3.2
"""Of what a figure is measured in."""
_STATUS_SCALE = 0.62
_AVAILABLE, _GAP = 185.6, 1.8
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """KPIs that stand above one another, and the plane that they belong to."""

    definitions: tuple[KpiDefinition, ...]

    @property
    def family(self) -> KpiFamily:
        """The family of the KPIs."""
        return self.definitions[0].family


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Relative widths of the columns, and the scale of the scope's figures, at which all fit."""

    scale: float
    widths: tuple[float, ...]


def arrange(shown: Catalogue) -> tuple[Column, ...]:
    """Return the wall's columns: KPIs by family in the order chosen, the system's own last."""
    status = tuple(d for d in shown if is_status(d))
    columns = [Column(definitions=(d,)) for d in shown if not is_status(d)]
    columns += [Column(definitions=status)] if status else []
    return tuple(sorted(columns, key=lambda column: _FAMILY_ORDER.index(column.family)))


def fit(columns: Sequence[Column], view: View) -> Fit:
    """Return the widest mixes and the largest figures at which all columns stand side by side."""
    head, *rows = (place.scope for place in view.places)
    widest = {c.definitions[0].id: _widest(view, rows, c.definitions[0].id) for c in columns}
    count = Counter(column.family for column in columns)
    room = _AVAILABLE - NAME_WIDTH - _GAP * len(columns)
    fitting = Fit(scale=_SCALES[-1], widths=())
    for mix, scale in [(_WIDE_MIX, s) for s in _SCALES[:6]] + [(0.0, s) for s in _SCALES]:
        widths = tuple(
            max(
                _LEAST_FAMILY if count[column.family] == 1 else 0.0,
                _width(column, view.reading(head, column.definitions[0].id), widest, scale, mix),
            )
            for column in columns
        )
        fitting = Fit(scale=scale, widths=widths)
        if sum(widths) <= room:
            break
    return fitting


def families(columns: Sequence[Column]) -> Iterator[tuple[KpiFamily, dict[str, str]]]:
    """Yield each family with the style that spans its columns."""
    start = 2
    for family, group in groupby(columns, key=lambda column: column.family):
        count = len(list(group))
        yield family, {"gridColumn": f"{start} / span {count}"}
        start += count


def _widest(view: View, scopes: Sequence[str], kpi: str) -> Reading | None:
    """Return the reading with the largest value among `scopes`, None without any value."""
    readings = (view.reading(scope, kpi) for scope in scopes)
    known = [r for r in readings if r.value is not None and reason(r) is None]
    return max(known, key=lambda r: (r.parts or {}).get("known", r.value or 0.0), default=None)


def _width(
    column: Column,
    head: Reading,
    widest: Mapping[str, Reading | None],
    scale: float,
    mix: float,
) -> float:
    """Return what a column needs with the scope's figure at `scale` and mixes `mix` wide."""
    definition = column.definitions[0]
    if definition.measure is Measure.MIX:
        return max(_LEAST[Measure.MIX], mix)
    if is_status(definition):
        least, scale = _LEAST_STATUS, _STATUS_SCALE
    elif head.parts and head.parts.keys() <= set(RATINGS):
        least = _LEAST_RATINGS
    else:
        least = _LEAST[definition.measure]
    figure = describe(definition, head).quantity
    row = widest[definition.id]
    below = None if row is None else describe(definition, row).quantity
    return max(
        least,
        _figure_width(figure, _DIGIT * scale, _MARK * scale),
        _figure_width(below, _ROW_DIGIT, _ROW_MARK),
    )


def _figure_width(quantity: Quantity | None, digit: float, mark: float) -> float:
    if quantity is None:
        return 0.0
    unit = quantity.unit
    behind = _PER_CENT if unit == "%" else _LETTER * len(unit)
    return sum(digit if letter.isdigit() else mark for letter in quantity.figure) + behind
