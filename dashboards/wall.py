"""The wall: one matrix of KPIs by province and units, read from six metres, touched by nobody.

Columns carry their name once, above the province's large figures; every unit's row stands under
them. Official, operation and experience are columns of their own plane and heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, KpiFamily, KpiUnit, UnitReadings
from dashboards import words
from dashboards.cells import DATA_AGE, reading_of, render_cell
from dashboards.feed import Catalogue, View
from dashboards.screens import Rendered, to_json
from dashboards.words import Words

ROWS_PER_PAGE = 5
"""Rows of two lines that fit under the province's figures without going below the smallest type."""
_STATUS = ("devices_online", DATA_AGE)
"""KPIs about the system itself share the last column."""
_FAMILY_ORDER = tuple(KpiFamily)
_WIDTHS = {KpiUnit.COUNT: 19, KpiUnit.SHARE: 27, KpiUnit.SECONDS: 20, KpiUnit.MIX: 28}
_NAME_WIDTH, _STATUS_WIDTH = 37, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """KPIs that stand above one another, and the plane that they belong to."""

    definitions: tuple[KpiDefinition, ...]
    heading: Words | None

    @property
    def width(self) -> int:
        """Relative width."""
        if self.heading is None:
            return _STATUS_WIDTH
        return max(_WIDTHS[definition.unit] for definition in self.definitions)


class Wall:
    """Renders the wall; rows whose readings did not change are rendered once."""

    def __init__(self, *, province_name: str) -> None:
        self._province_name = province_name
        self._rows: dict[str, tuple[UnitReadings, str]] = {}
        self._catalogue: Catalogue = ()

    def render(self, view: View | None) -> Rendered:
        """Return header, column names and one part for each row."""
        if view is None:
            return Rendered(frame=to_json({"children": _waiting(self._province_name)}), parts={})
        if view.catalogue != self._catalogue:
            self._catalogue, self._rows = view.catalogue, {}
        columns = arrange(view.catalogue)
        units = {row_id(unit): unit for unit in view.snapshot.units}
        readings = {"row-province": view.snapshot.province, **units}
        self._rows = {id_: self._render_row(id_, unit, columns) for id_, unit in readings.items()}
        return Rendered(
            frame=to_json({"children": _frame(self._province_name, columns, view)}),
            parts={id_: rendered for id_, (_, rendered) in self._rows.items()},
        )

    def _render_row(
        self, id_: str, unit: UnitReadings, columns: Sequence[Column]
    ) -> tuple[UnitReadings, str]:
        known = self._rows.get(id_)
        if known is not None and known[0] == unit:
            return known
        return unit, to_json({"children": [_name(unit), *_cells(unit, columns)]})


def row_id(unit: UnitReadings) -> str:
    """Return the component id of a unit's row."""
    return f"row-unit-{unit.unit}"


def arrange(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the wall's columns: KPIs by family in the catalogue's order, the system's own last."""
    status = tuple(d for d in catalogue if d.id in _STATUS)
    others = sorted(
        (d for d in catalogue if d.id not in _STATUS), key=lambda d: _FAMILY_ORDER.index(d.family)
    )
    columns = [Column(definitions=(d,), heading=words.FAMILIES[d.family]) for d in others]
    return (*columns, *([Column(definitions=status, heading=None)] if status else []))


def paginate(units: Sequence[UnitReadings]) -> list[Sequence[UnitReadings]]:
    """Return pages of nearly equal length, so that no page is left with a single row."""
    pages = ceil(len(units) / ROWS_PER_PAGE)
    per_page = ceil(len(units) / pages) if pages else 0
    return [units[start : start + per_page] for start in range(0, len(units), per_page or 1)]


def _frame(province_name: str, columns: Sequence[Column], view: View) -> Component:
    widths = " ".join(f"{column.width}fr" for column in columns)
    pages = paginate(view.snapshot.units)
    return html.Main(
        [
            _header(province_name),
            html.Section(
                [
                    html.Div(list(_headings(columns)), className="row headings"),
                    html.Div([html.Div(), *map(_labels, columns)], className="row labels"),
                    html.Div(id="row-province", className="row province"),
                    html.Div(_pages(pages), className="pages"),
                ],
                className="matrix",
                style={"--columns": f"{_NAME_WIDTH}fr {widths}"},
            ),
            _footer(pages, len(view.snapshot.units)),
        ],
        className="wall",
    )


def _waiting(province_name: str) -> Component:
    return html.Main(
        [_header(province_name), html.Div(_both(words.WAITING_FOR_DATA), className="waiting")],
        className="wall",
    )


def _header(province_name: str) -> Component:
    return html.Header(
        [
            html.Div([html.H1(province_name), html.P(_both(words.PLACE))], className="place"),
            html.Div(
                [html.Span(className="date"), html.Span(className="weekday-en")], className="day"
            ),
            html.Div(className="clock"),
        ]
    )


def _both(text: Words) -> list[Component]:
    return [html.Span(text.vi, className="vi"), html.Span(text.en, className="en")]


def _headings(columns: Sequence[Column]) -> Iterator[Component]:
    """Yield the families' headings, each over its columns."""
    start = 2
    for heading, group in groupby(columns, key=lambda column: column.heading):
        count = len(list(group))
        span = {"gridColumn": f"{start} / span {count}"}
        start += count
        if heading is not None:
            yield html.Div(_both(heading), className="heading", style=span)


def _labels(column: Column) -> Component:
    vi = [html.Div(d.name_vi, className="vi") for d in column.definitions]
    en = [html.Div(d.name_en, className="en") for d in column.definitions]
    return html.Div([*vi, *en], className="label")


def _name(unit: UnitReadings) -> Component:
    mark = [html.Span(words.SIMULATED.vi, className="simulated")] if unit.simulated else []
    return html.Div(
        [
            html.Div(unit.name_vi, className="vi"),
            html.Div([*mark, html.Span(unit.name_en, className="en")], className="note"),
        ],
        className="name",
    )


def _cells(unit: UnitReadings, columns: Sequence[Column]) -> Iterator[Component]:
    for column in columns:
        cells = [render_cell(d, reading_of(unit, d.id)) for d in column.definitions]
        yield html.Div(cells, className="stack")


def _pages(pages: Sequence[Sequence[UnitReadings]]) -> list[Component]:
    if not pages:
        return [html.Div(_both(words.NO_UNITS), className="waiting")]
    rows = len(pages[0])
    return [
        html.Div(
            [html.Div(id=row_id(unit), className="row unit") for unit in page],
            className=f"page of-{min(rows, ROWS_PER_PAGE)}",
            style={"--rows": rows},
        )
        for page in pages
    ]


def _footer(pages: Sequence[Sequence[UnitReadings]], count: int) -> Component:
    dots = [html.I() for _ in pages] if len(pages) > 1 else []
    return html.Footer(
        [
            html.Div(dots, className="dots"),
            html.Div([html.Span(words.UNITS.vi), html.Span(className="range"), f" / {count}"]),
        ]
        if dots
        else []
    )
