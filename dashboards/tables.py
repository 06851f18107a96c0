"""The table pages, read at a desk: units with all their readings, and devices with their state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from dash import dcc, html
from dash.development.base_component import Component

from contract.readings import DeviceReading, KpiDefinition, Reading, UnitReadings
from dashboards import formats, words
from dashboards.cells import DATA_AGE
from dashboards.collation import fold, sort_key
from dashboards.feed import View
from dashboards.figures import describe, reading_of, sample
from dashboards.intervals import Estimate, estimates, render_intervals
from dashboards.screens import Rendered, to_json
from dashboards.words import INTERVALS, Words

_FIGURE_HEIGHT = "17rem"
_SENTIMENT_ORDER = tuple(words.SENTIMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """What one cell says and by what it sorts; rows without a `sort` value come last.

    With `age_of_ms` browsers count the data's age on: as the text, or once stale as the note.
    """

    text: str
    note: str = ""
    sort: str | float | None = None
    state: str = ""
    age_of_ms: int | None = None
    fresh_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row; `search` is its text without diacritics."""

    search: str
    cells: tuple[TableCell, ...]


class UnitsTable:
    """Renders every unit with every KPI of the catalogue, and the figure of their intervals."""

    def __init__(self) -> None:
        self._figure: tuple[tuple[Estimate, ...], str] = ((), render_intervals(()))

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
        rendered = _rendered("units", columns, rows, figure)
        return replace(rendered, parts={**rendered.parts, "intervals": self._intervals(units)})

    def _intervals(self, units: Sequence[UnitReadings]) -> str:
        shown = estimates(units)
        if shown != self._figure[0]:
            self._figure = shown, render_intervals(shown)
        return self._figure[1]


class DevicesTable:
    """Renders every device: whether it is heard, what its camera does, what waits in its outbox."""

    def render(self, view: View | None) -> Rendered:
        """Return the head as frame and one part for each device."""
        devices = view.snapshot.devices if view else ()
        names = {unit.unit: unit.name_vi for unit in view.snapshot.units} if view else {}
        rows = {
            f"{device.unit}/{device.counter}/{device.device}": TableRow(
                search=fold(f"{names.get(device.unit, '')} {device.unit} {device.device}"),
                cells=tuple(_device_cells(device, names.get(device.unit, device.unit))),
            )
            for device in devices
        }
        return _rendered("devices", words.DEVICE_COLUMNS, rows)


def _rendered(
    name: str, columns: Sequence[Words], rows: dict[str, TableRow], *above: Component
) -> Rendered:
    parts = {key: msgspec.json.encode(row).decode() for key, row in rows.items()}
    return Rendered(frame=to_json(_frame(name, columns, *above)), parts=parts, pages=(tuple(rows),))


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


def _device_cells(device: DeviceReading, unit_name: str) -> Iterator[TableCell]:
    mark = "simulated" if device.simulated else ""
    yield TableCell(
        text=unit_name, note=device.counter, sort="\0".join(sort_key(unit_name)), state=mark
    )
    yield TableCell(text=device.device, note=device.software, sort=device.device)
    link = words.ONLINE if device.online else words.OFFLINE
    state = "online" if device.online else "offline"
    yield TableCell(text=link.vi, note=link.en, sort=float(device.online), state=state)
    yield _last_seen(device.last_seen)
    camera = device.camera or words.UNKNOWN.vi
    fps = "" if device.fps is None else f"{formats.number(device.fps, 1)} fps"
    yield TableCell(text=camera, note=fps, sort=camera)
    depth = device.outbox_depth
    yield TableCell(
        text=words.UNKNOWN.vi if depth is None else formats.number(depth),
        sort=None if depth is None else float(depth),
    )
    models = " · ".join(name for name in (device.detector, device.expression_model) if name)
    yield TableCell(text=models or words.NONE.vi, sort=models)
    problems = "; ".join(device.problems)
    yield TableCell(text=problems, sort=float(-len(device.problems)), state="problem")


def _last_seen(at: datetime | None) -> TableCell:
    if at is None:
        return TableCell(text=words.NEVER.vi, note=words.NEVER.en, state="withheld")
    stamp = formats.epoch_ms(at)
    return TableCell(text="", note=formats.date_time(at), sort=float(-stamp), age_of_ms=stamp)


def _frame(name: str, columns: Sequence[Words], *above: Component) -> Component:
    heads = [
        html.Th(html.Button([html.Span(text.vi), html.Span(text.en, className="en")]), scope="col")
        for text in columns
    ]
    return html.Main(
        [
            _navigation(name),
            *above,
            html.Table([html.Thead(html.Tr(heads)), html.Tbody(id="rows")]),
            html.P([words.NOTHING.vi, " · ", words.NOTHING.en], className="nothing"),
        ],
        className=f"table {name}",
    )


def _navigation(name: str) -> Component:
    links = [
        html.A(
            [html.Span(text.vi), html.Span(text.en, className="en")],
            href=f"/{target}",
            className="here" if target == name else "",
        )
        for target, text in words.PAGES.items()
    ]
    return html.Header(
        [
            html.Nav(links),
            dcc.Input(
                id="filter", type="search", placeholder=f"{words.FILTER.vi} · {words.FILTER.en}"
            ),
            html.Div([html.Span(className="date"), html.Span(className="clock")], className="now"),
        ]
    )
