"""The wall: one matrix of KPIs by province and units, read from six metres, touched by nobody.

Columns carry their name once, above the province's large figures; every unit's row stands under
them. Official, operation and experience are columns of their own plane and heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import ceil

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, KpiUnit, UnitReadings
from dashboards import words
from dashboards.cells import DATA_AGE, render_age, render_breakdown, render_cell
from dashboards.columns import NAME_WIDTH, Column, arrange, fit, spans
from dashboards.feed import Catalogue, View
from dashboards.figures import reading_of, reason
from dashboards.screens import Rendered, to_json
from dashboards.words import Words

ROWS_PER_PAGE = 4
"""Rows of three lines (figure, age, interval) that fit under the province's figures without going
below the smallest type."""
_PROVINCE = "province"
_LONG_NAME, _LONGEST_NAME = 17, 40
"""A name of more letters than the first sets all smaller; above the second it takes three lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What all rows have in common; a row is rendered anew when it changes."""

    catalogue: Catalogue = ()
    alone: bool = False
    part_simulated: bool = False
    long_names: bool = False

    @classmethod
    def of(cls, view: View) -> _Setting:
        units = view.snapshot.units
        return cls(
            catalogue=view.catalogue,
            alone=len(units) == 1,
            part_simulated=not all(unit.simulated for unit in units),
            long_names=any(len(unit.name_vi) > _LONG_NAME for unit in units),
        )


class Wall:
    """Renders the wall; rows whose readings did not change are rendered once."""

    def __init__(self, *, province_name: str) -> None:
        self._province_name = province_name
        self._setting = _Setting()
        self._rows: dict[str, tuple[UnitReadings, str]] = {}

    def render(self, view: View | None) -> Rendered:
        """Return header, column names and one part for each row."""
        if view is None:
            return Rendered(frame=to_json(_waiting(self._province_name)), parts={})
        setting = _Setting.of(view)
        if setting != self._setting:
            self._setting, self._rows = setting, {}
        columns = arrange(view.catalogue)
        rows = {_PROVINCE: view.snapshot.province}
        rows |= {f"unit/{unit.unit}": unit for unit in view.snapshot.units}
        self._rows = {name: self._render_row(name, unit, columns) for name, unit in rows.items()}
        pages = paginate([name for name in rows if name != _PROVINCE])
        return Rendered(
            frame=to_json(_frame(self._province_name, columns, view.snapshot.province, pages)),
            parts={name: rendered for name, (_, rendered) in self._rows.items()},
            pages=pages,
        )

    def _render_row(
        self, name: str, unit: UnitReadings, columns: Sequence[Column]
    ) -> tuple[UnitReadings, str]:
        unit = _without_age(unit)
        known = self._rows.get(name)
        if known is not None and known[0] == unit:
            return known
        if name == _PROVINCE:
            partly = self._setting.part_simulated
            mark = words.PARTLY_SIMULATED if partly else words.SIMULATED
            return unit, to_json(_row(unit, columns, kind="province", mark=mark))
        kind = "unit long-name" if self._setting.long_names else "unit"
        row = _row(unit, columns, kind=kind, mark=words.SIMULATED)
        if self._setting.alone:
            row = html.Div([row, html.Div(list(_detail(unit)), className="detail")])
        return unit, to_json(row)


def _row(unit: UnitReadings, columns: Sequence[Column], *, kind: str, mark: Words) -> Component:
    return html.Div([_name(unit, mark), *_cells(unit, columns)], className=f"row {kind}")


def _without_age(unit: UnitReadings) -> UnitReadings:
    """Return `unit` without the age that grows in every snapshot: browsers count it themselves."""
    readings = tuple(
        replace(reading, value=0.0) if reading.kpi == DATA_AGE and reading.value else reading
        for reading in unit.readings
    )
    return replace(unit, readings=readings)


def paginate(rows: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return pages whose lengths differ by one at most, so that none is left with a single row."""
    if not rows:
        return ()
    count = ceil(len(rows) / ROWS_PER_PAGE)
    length, longer = divmod(len(rows), count)
    ends = accumulate(length + (page < longer) for page in range(count))
    return tuple(tuple(rows[start:end]) for start, end in pairwise((0, *ends)))


def _frame(
    province_name: str,
    columns: Sequence[Column],
    province: UnitReadings,
    pages: tuple[tuple[str, ...], ...],
) -> Component:
    scale = fit(columns, province)
    widths = " ".join(f"{column.width(province, scale=scale):g}fr" for column in columns)
    rows = len(pages[0]) if pages else 0
    return html.Main(
        [
            _header(province_name),
            html.Section(
                [
                    html.Div(list(_planes(columns)), className="row planes"),
                    html.Div(list(_headings(columns)), className="row headings"),
                    html.Div([_key(columns), *map(_labels, columns)], className="row labels"),
                    html.Div(id="province"),
                    html.Div(id="rows", className=f"rows of-{rows}", style={"--rows": rows})
                    if pages
                    else html.Div(_both(words.NO_UNITS), className="waiting"),
                ],
                className="matrix alone" if sum(map(len, pages)) == 1 else "matrix",
                style={"--columns": f"{NAME_WIDTH:g}fr {widths}", "--scale": scale},
            ),
            _footer(len(pages), sum(map(len, pages))),
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
            html.Div(_both(words.LIVE), className="link"),
            html.Div(_both(words.ALL_OLD), className="link aged"),
            html.Div(_both(words.NO_DATA_YET), className="link empty"),
        ]
    )


def _both(text: Words) -> list[Component]:
    return [html.Span(text.vi, className="vi"), html.Span(text.en, className="en")]


def _planes(columns: Sequence[Column]) -> Iterator[Component]:
    """Yield the grounds that keep official and experience visibly apart, from top to bottom."""
    for family, span in spans(columns):
        yield html.Div(className=f"plane {family}", style=span)


def _headings(columns: Sequence[Column]) -> Iterator[Component]:
    """Yield the families' headings, each over its columns."""
    for family, span in spans(columns):
        yield html.Div(_both(words.FAMILIES[family]), className="heading", style=span)


def _key(columns: Sequence[Column]) -> Component:
    """Return what holds for all columns: the day, what an interval covers, the sign of an age."""
    ages = [d for column in columns for d in column.definitions if d.id == DATA_AGE]
    signs = [html.Div([render_age(), *_both(_words_of(d))]) for d in ages]
    said = [html.Div(_both(text)) for text in (words.TODAY, words.INTERVAL)]
    return html.Div([*said, *signs], className="label key")


def _labels(column: Column) -> Component:
    """Return the KPIs' names; what holds for the whole wall stands once, in the key."""
    named = [_words_of(d) for d in column.definitions if d.id != DATA_AGE]
    texts = named or [_words_of(d) for d in column.definitions]
    vi = "\u00a0· ".join(text.vi.removesuffix(" hôm nay") for text in texts)
    en = "\u00a0· ".join(text.en.removesuffix(" today") for text in texts)
    return html.Div(_both(Words(vi=vi, en=en)), className="label")


def _words_of(definition: KpiDefinition) -> Words:
    return Words(vi=definition.name_vi, en=definition.name_en)


def _name(unit: UnitReadings, simulated: Words) -> Component:
    second = unit.name_en
    mark = []
    if unit.simulated:
        second = simulated.en
        mark = [html.Span(simulated.vi, className="simulated")]
    return html.Div(
        [
            html.Div(unit.name_vi, className="vi"),
            html.Div([*mark, html.Span(second, className="en")], className="note"),
        ],
        className="name longest" if len(unit.name_vi) > _LONGEST_NAME else "name",
    )


def _detail(unit: UnitReadings) -> Iterator[Component]:
    """Yield what a unit alone on the wall has room for: every level of ratings and expression."""
    parts = {reading.kpi: reading.parts for reading in unit.readings if reason(reading) is None}
    for name, kpi, labels, measure in (
        ("ratings", "ratings_today", words.RATINGS, KpiUnit.COUNT),
        ("sentiments", "expression_mix_today", words.SENTIMENTS, KpiUnit.MIX),
    ):
        if found := parts.get(kpi):
            yield render_breakdown(name, labels, found, unit=measure)


def _cells(unit: UnitReadings, columns: Sequence[Column]) -> Iterator[Component]:
    for column in columns:
        cells = [render_cell(d, reading_of(unit, d.id)) for d in column.definitions]
        yield html.Div(cells, className="stack")


def _footer(pages: int, count: int) -> Component:
    """Return where in the pages the wall is, and what the colours mean."""
    legend = [
        html.Span([html.I(className=name), *_both(label)])
        for name, label in words.SENTIMENTS.items()
    ]
    return html.Footer(
        [
            html.Div([html.I() for _ in range(pages)] if pages > 1 else [], className="dots"),
            html.Div(legend, className="legend"),
            html.Div(
                [
                    html.Span([f"{words.UNITS.vi} ", html.Span(className="range"), f" / {count}"]),
                    html.Span(words.UNITS.en, className="en"),
                ],
                className="position",
            ),
        ]
        if count > 1
        else []
    )
