"""The wall: a matrix of KPIs by a scope and its units, read from six metres, touched by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Measure, Place, Reading
from dashboards.api.views import Key, View
from dashboards.look import formats
from dashboards.look.figures import reason
from dashboards.look.texts import (
    RATINGS,
    SENTIMENTS,
    Bilingual,
    say,
)
from dashboards.push.cells import marks_of, render_breakdown, render_cell, render_old
from dashboards.push.columns import NAME_WIDTH, Column, arrange, fit
from dashboards.push.frame import Page, render_frame, render_header
from dashboards.push.messages import Rendered, short, to_json
from dashboards.push.refusal import render_refusal, render_waiting
from dashboards.push.scenes import PROVINCE, Choice, Shown, resolve

_LONG_NAME, _LONGEST_NAME = 17, 40
"""A name of more letters than the first sets all smaller; above the second it takes three lines."""
_BREAKDOWNS = (
    ("ratings", "ratings", "rating", RATINGS, Measure.COUNT),
    ("sentiments", "expression_mix", "sentiment", SENTIMENTS, Measure.MIX),
)
"""What a place alone shows below its row: class, KPI, table of texts, parts, measure."""
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Wall:
    """Renders one choice; a cell whose reading did not change is rendered once."""

    def __init__(self, choice: Choice, *, province_name: str) -> None:
        self._choice = choice
        self._province_name = province_name
        self._cells: dict[Key, tuple[Reading, KpiDefinition, str]] = {}

    def render(self, view: View | None, *, turn: int = 0, refused: bool = False) -> Rendered:
        """Return frame, rows and cells of the page whose turn it is."""
        if refused:
            scope = say("refusal.scope", scope=self._choice.scope[:_LONGEST_NAME])
            return Rendered(frame=to_json(short(render_refusal(scope, ()))))
        if view is None or not view.places:
            return Rendered(
                frame=to_json(short(render_waiting(render_header(self._province_name))))
            )
        shown = resolve(self._choice, view.catalogue)
        if not isinstance(shown, Shown):
            return Rendered(frame=to_json(short(render_refusal(shown, view.catalogue))))
        return self._render(view, shown, turn)

    def _render(self, view: View, shown: Shown, turn: int) -> Rendered:
        columns = arrange(shown.definitions)
        pages = paginate(view.places[1:], shown.scene.rows_per_page)
        index = turn % len(pages) if pages else 0
        page = Page(
            index=index,
            count=len(pages),
            rows=len(pages[0]) if pages else 1,
            first=sum(map(len, pages[:index])),
            units=pages[index] if pages else (),
        )
        alone = shown.scene.levels and _is_alone(view)
        definitions = [d for column in columns for d in column.definitions]
        cells, times = self._fill((view.places[0], *page.units), definitions, view)
        if alone:
            at = (page.units or view.places)[0].scope
            cells["levels"] = to_json({"says": short(list(_levels(view, at)))})
        return Rendered(
            frame=to_json(
                short(render_frame(self._province_name, columns, view, page, alone=alone))
            ),
            rows=to_json(_rows(view, columns, page, alone=alone)),
            style=to_json(_style(columns, view)),
            page=index,
            cells=cells,
            times=times,
        )

    def _fill(
        self, places: Sequence[Place], definitions: Sequence[KpiDefinition], view: View
    ) -> tuple[dict[str, str], dict[str, int | None]]:
        """Return what the cells of these places say, and when each was last observed."""
        cells: dict[str, str] = {}
        times: dict[str, int | None] = {}
        known, self._cells = self._cells, {}
        for row, place in enumerate(places):
            for column, definition in enumerate(definitions):
                reading = view.reading(place.scope, definition.id)
                key, lasting = (place.scope, definition.id), _lasting(definition, reading)
                held = known.get(key)
                if held is None or held[0] != lasting or held[1] is not definition:
                    held = lasting, definition, render_cell(definition, reading)
                self._cells[key] = held
                cells[f"{row}.{column}"] = held[2]
                at = reading.observed_at
                times[f"{row}.{column}"] = None if at is None else formats.epoch_ms(at)
        return cells, times


def paginate(rows: Sequence[Place], length: int) -> tuple[tuple[Place, ...], ...]:
    """Return pages whose lengths differ by one at most, so that none is left with a single row."""
    if not rows:
        return ()
    count = ceil(len(rows) / length)
    shorter, longer = divmod(len(rows), count)
    ends = accumulate(shorter + (page < longer) for page in range(count))
    return tuple(tuple(rows[start:end]) for start, end in pairwise((0, *ends)))


def _lasting(definition: KpiDefinition, reading: Reading) -> Reading:
    """Return what decides how a cell looks: not the age, which browsers count themselves."""
    at = None if reading.observed_at is None else _ANY_TIME
    value = 0.0 if definition.measure is Measure.AGE and reading.value else reading.value
    return replace(reading, observed_at=at, value=value)


def _is_alone(view: View) -> bool:
    """Return whether one place is all there is to show below the names of the columns."""
    units = len(view.places) - 1
    return units == 1 if view.scope == PROVINCE else units == 0


def _style(columns: Sequence[Column], view: View) -> dict[str, Any]:
    """Return what follows the figures: the columns' widths and the scale of the scope's figures."""
    fitting = fit(columns, view)
    widths = " ".join(f"{width:g}fr" for width in fitting.widths)
    return {"--columns": f"{NAME_WIDTH:g}fr {widths}", "--scale": fitting.scale}


def _rows(view: View, columns: Sequence[Column], page: Page, *, alone: bool) -> dict[str, Any]:
    """Return the rows with a place for each cell: the scope's, and those of the page's units."""
    head, *units = view.places
    partly = head.simulated and not all(unit.simulated for unit in units)
    mark = say("wall.partly_simulated" if partly else "wall.simulated")
    long = any(len(unit.name_vi) > _LONG_NAME for unit in units)
    kind = "unit long-name" if long else "unit"
    rows = [
        _row(unit, row, columns, kind=kind, mark=say("wall.simulated"))
        for row, unit in enumerate(page.units, start=1)
    ]
    detail = ["div.detail", ["part", "levels"]]
    if alone:
        rows = [["div", *rows, detail]]
    return {
        "columns": [marks_of(d) for column in columns for d in column.definitions],
        "old": short(render_old()),
        "head": [_row(head, 0, columns, kind="province", mark=mark)],
        "units": rows,
        "first": page.first,
        "last": page.first + len(page.units),
    }


def _row(
    place: Place, row: int, columns: Sequence[Column], *, kind: str, mark: Bilingual
) -> list[Any]:
    stacks, at = [], 0
    for column in columns:
        stack: list[Any] = ["div.stack"]
        for _ in column.definitions:
            stack.append(["cell", f"{row}.{at}"])
            at += 1
        stacks.append(stack)
    return [".".join(["div.row", *kind.split()]), short(_name(place, mark)), *stacks]


def _name(place: Place, simulated: Bilingual) -> Component:
    second, mark = place.name_en, []
    if place.simulated:
        second = simulated.en
        mark = [html.Span(simulated.vi, className="simulated")]
    return html.Div(
        [
            html.Div(place.name_vi, className="vi"),
            html.Div([*mark, html.Span(second, className="en")], className="note"),
        ],
        className="name longest" if len(place.name_vi) > _LONGEST_NAME else "name",
    )


def _levels(view: View, scope: str) -> Iterator[Component]:
    """Yield what a place alone on the wall has room for: every level of ratings and expression."""
    for name, kpi, table, parts, measure in _BREAKDOWNS:
        reading = view.reading(scope, kpi)
        if reading.parts and reason(reading) is None:
            labels = {part: say(f"{table}.{part}") for part in parts}
            yield render_breakdown(name, labels, reading.parts, measure=measure)
