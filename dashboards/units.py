"""The units page: every unit with every KPI, and how far their shares can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash import dcc, html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Reading, UnitReadings
from dashboards import formats, words
from dashboards.cells import DATA_AGE
from dashboards.collation import fold, sort_key
from dashboards.feed import View
from dashboards.figures import describe, reading_of, sample
from dashboards.intervals import Estimate, estimates, render_intervals, why_none
from dashboards.screens import Rendered
from dashboards.tables import TableCell, TableRow, render_table
from dashboards.words import INTERVALS, Words

_FIGURE_HEIGHT = "17rem"
_SENTIMENT_ORDER = tuple(words.SENTIMENTS)


class UnitsTable:
    """Renders every unit with every KPI of the catalogue, and the figure of their intervals."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[Estimate, ...], Words] = ((), words.NO_DATA)
        self._figure = render_intervals(*self._drawn)

    def render(self, view: View | None) -> Rendered:
        """Return the head as frame and one part for each unit."""
        catalogue = view.catalogue if view else ()
        columns = [words.UNIT, *(Words(vi=d.name_vi, en=d.name_en) for d in catalogue)]
        units = view.snapshot.units if view else ()
        rows = {unit.unit: _unit_row(unit, catalogue) for unit in units}
        figure = html.Figure(
            [
                html.Figcaption(
                    [
                        html.Span(INTERVALS.vi),
                        html.Span(INTERVALS.en, className="en"),
                        html.Span(f"● {words.SIMULATED.vi}", className="mark"),
                    ]
                ),
                dcc.Graph(
                    id="intervals",
                    config={"displayModeBar": False},
                    responsive=True,
                    style={"height": _FIGURE_HEIGHT},
                ),
            ]
        )
        rendered = render_table("units", columns, rows, figure, _key())
        return replace(rendered, parts={**rendered.parts, "intervals": self._intervals(units)})

    def _intervals(self, units: Sequence[UnitReadings]) -> str:
        drawn = estimates(units), why_none(units)
        if drawn != self._drawn:
            self._drawn, self._figure = drawn, render_intervals(*drawn)
        return self._figure


def _key() -> Component:
    """Return what the notes and the shares of a mix mean."""
    order = Words(
        vi=" / ".join(text.vi.lower() for text in words.SENTIMENTS.values()),
        en=" / ".join(text.en.lower() for text in words.SENTIMENTS.values()),
    )
    said = (("a–b", words.INTERVAL_KEY), ("n", words.CASES), ("a / b / c%", order))
    return html.P(
        [
            html.Span([html.B(sign), f" {text.vi} ", html.Span(text.en, className="en")])
            for sign, text in said
        ],
        className="key",
    )


def _unit_row(unit: UnitReadings, catalogue: Sequence[KpiDefinition]) -> TableRow:
    name = TableCell(
        text=unit.name_vi,
        note=unit.name_en,
        sort="\0".join(sort_key(unit.name_vi)),
        state="simulated" if unit.simulated else "",
    )
    cells = (_reading_cell(d, reading_of(unit, d.id)) for d in catalogue)
    search = fold(f"{unit.name_vi} {unit.name_en} {unit.unit}")
    return TableRow(search=search, cells=(name, *cells))


def _reading_cell(definition: KpiDefinition, reading: Reading) -> TableCell:
    figure = describe(definition, reading)
    observed_ms = None if reading.observed_at is None else formats.epoch_ms(reading.observed_at)
    if figure.quantity is None:
        why = figure.withheld or words.NO_DATA
        age = observed_ms if why is words.STALE else None
        return TableCell(text=why.vi, note=figure.note, state="withheld", age_of_ms=age)
    if definition.id == DATA_AGE:
        sort = None if observed_ms is None else float(-observed_ms)
        return TableCell(text="", sort=sort, age_of_ms=observed_ms, fresh_s=definition.fresh_for_s)
    text, parts = str(figure.quantity), reading.parts or {}
    if parts.keys() == words.SENTIMENTS.keys():
        shares = (formats.number(100 * parts[name]) for name in _SENTIMENT_ORDER)
        text = f"{' / '.join(shares)}%"
    note = figure.note
    if note and sample(reading) not in note:
        note = f"{note} · {sample(reading)}"
    value = parts.get("positive") if reading.value is None else reading.value
    return TableCell(
        text=text,
        note=note,
        sort=value,
        age_of_ms=observed_ms if definition.fresh_for_s else None,
        fresh_s=definition.fresh_for_s,
    )
