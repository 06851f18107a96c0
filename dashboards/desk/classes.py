"""The classes page: units by their criteria, two schemes side by side, and why each point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from contract.readings import Unit
from dashboards.api.classes import Class, Classes, Criterion, Said, Scheme
from dashboards.api.rest import Answer, RestClient
from dashboards.desk.acts import refused
from dashboards.desk.choices import choice, period_options
from dashboards.desk.explanation import render_explanation
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.desk.judging import OFFICIAL, unit_schemes, version_for
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Values, text
from dashboards.desk.period_choices import kind_of, last_month
from dashboards.look.formats import number
from dashboards.look.texts import Bilingual, name_of, say, spans, spoken

NAME = "classes"
_GRID = f"{NAME}-grid"
_SECOND_SCHEME, _NONE = "sipas-style", "none"
_WHY = "why"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One scheme with the classes that it gives."""

    scheme: Scheme
    answer: Answer[Classes]

    def of(self, unit: str) -> Class | None:
        """Return a unit's class."""
        rows = () if self.answer.value is None else self.answer.value.classes
        return next((each for each in rows if each.unit == unit), None)


class ClassesPage:
    """Reads the API for the schemes and the period that stand in the page's address."""

    def __init__(self, api: RestClient) -> None:
        self._api = api

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=NAME,
            parameters=(
                text("scheme", OFFICIAL),
                text("beside", _SECOND_SCHEME),
                text("period"),
                text("unit"),
            ),
            layout=self._layout,
            register=self._register,
        )

    async def _layout(self, values: Values) -> Component:
        schemes = (await self._api.schemes()).value or ()
        period = values["period"] or last_month(datetime.now(UTC))
        chosen = (values["scheme"], values["beside"], period)
        return html.Main(
            [
                header(NAME),
                html.Div(_choices(schemes, *chosen), className="choices"),
                html.Div(
                    [
                        html.Div(
                            await self._table(*chosen), id=f"{NAME}-content", className="table"
                        ),
                        html.Aside(
                            await self._explained(values["scheme"], period, values["unit"]),
                            id=f"{NAME}-why",
                            className="why",
                        ),
                    ],
                    className="judged",
                ),
                dcc.Store(id=f"{NAME}-unit", data=values["unit"]),
            ],
            className=f"desk {NAME}",
        )

    def _register(self, app: Dash) -> None:
        chosen = [Input(f"{NAME}-{part}", "value") for part in ("scheme", "beside", "period")]
        app.callback(Output(f"{NAME}-content", "children"), *chosen, prevent_initial_call=True)(
            self._table
        )
        app.callback(
            Output(f"{NAME}-why", "children"),
            Output(f"{NAME}-unit", "data"),
            Input(_GRID, "cellClicked"),
            *chosen,
            State(f"{NAME}-unit", "data"),
            prevent_initial_call=True,
        )(self._open)
        app.callback(
            Output("address", "search", allow_duplicate=True),
            *chosen,
            Input(f"{NAME}-unit", "data"),
            prevent_initial_call=True,
        )(self._write_query)

    def _write_query(self, scheme: str, beside: str, period: str, unit: str) -> str:
        return self.page().write(
            {"scheme": scheme, "beside": beside, "period": period, "unit": unit}
        )

    async def _open(
        self,
        clicked: Mapping[str, Any] | None,
        scheme: str,
        beside: str,
        period: str,
        unit: str,
    ) -> Any:  # noqa: ANN401 - Dash's own type
        """Return why: of the row that was clicked, by the scheme of its column, else of `unit`."""
        asked = scheme
        if ctx.triggered_id == _GRID:
            if not clicked or not clicked.get("rowId"):
                return no_update, no_update
            unit = clicked["rowId"]
            if str(clicked.get("colId")).startswith("2."):
                asked = beside
        return await self._explained(asked, period, unit), unit

    async def _explained(self, scheme: str, period: str, unit: str) -> list[Component]:
        if not unit:
            return [html.P(spans(say("classes.ask")), className="ask")]
        answer = await self._api.class_explained(
            scheme=scheme, period=period, unit=unit, language=spoken()
        )
        if answer.value is None:
            return [refused(answer.error)]
        return render_explanation(answer.value.explanation)

    async def _table(self, scheme: str, beside: str, period: str) -> list[Component]:
        schemes = (await self._api.schemes()).value or ()
        units = (await self._api.units()).value or ()
        judged = [
            await self._judged(found, period)
            for name in dict.fromkeys((scheme, beside))
            if (found := version_for(schemes, name, period)) is not None
        ]
        if not judged:
            return [html.P(spans(say("desk.away")), className="notice")]
        missing = [refused(each.answer.error) for each in judged if each.answer.value is None]
        shown = [each for each in judged if each.answer.value is not None]
        if not shown:
            return missing
        return [*missing, *_running(shown), _grid(shown, units)]

    async def _judged(self, scheme: Scheme, period: str) -> _Judged:
        return _Judged(
            scheme=scheme, answer=await self._api.classes(scheme=scheme.id, period=period)
        )


def _running(shown: Sequence[_Judged]) -> Iterator[Component]:
    if any(each.answer.value is not None and each.answer.value.running for each in shown):
        yield html.P(spans(say("classes.running")), className="notice")


def _grid(shown: Sequence[_Judged], units: Sequence[Unit]) -> Component:
    columns = [
        Column(id=FIRST, name=say("column.unit"), width_px=260),
        Column(id=_WHY, name=say("classes.why"), width_px=100),
    ]
    for place, each in enumerate(shown, start=1):
        columns += _columns_of(place, each.scheme)
    for place, each in enumerate(shown, start=1):
        columns += (
            _criterion_column(place, each.scheme, criterion) for criterion in each.scheme.criteria
        )
    rows = [_row(unit, shown) for unit in units if any(each.of(unit.id) for each in shown)]
    found: Component = grid(_GRID, columns, rows, order=("-1.total",), conditions={}, find="")
    return found


def _columns_of(place: int, scheme: Scheme) -> Iterator[Column]:
    group = _short(scheme)
    total = say("classes.total")
    yield Column(id=f"{place}.total", name=total, group=group, numeric=True, width_px=170)
    if scheme.bands:
        yield Column(id=f"{place}.class", name=say("classes.class"), group=group, width_px=170)


def _criterion_column(place: int, scheme: Scheme, criterion: Criterion) -> Column:
    group = criterion.group_name
    out_of = say("classes.out_of", maximum=_written(criterion.maximum))
    return Column(
        id=f"{place}.{criterion.id}",
        name=Bilingual(
            vi=f"{criterion.name.vi} {out_of.vi}", en=f"{criterion.name.en} {out_of.en}"
        ),
        group=Bilingual(vi=group.vi, en=f"{group.en} ({scheme.id})"),
        numeric=True,
        width_px=180,
    )


def _short(scheme: Scheme) -> Bilingual:
    """Return which version of a scheme gives the points, and out of how many."""
    out_of = say("classes.out_of", maximum=_written(scheme.maximum))
    version = say("schemes.version", version=scheme.version)
    return Bilingual(
        vi=f"{scheme.name.vi} · {version.vi} {out_of.vi}",
        en=f"{scheme.name.en} · {version.en} {out_of.en}",
    )


def _row(unit: Unit, shown: Sequence[_Judged]) -> Row:
    cells: dict[str, Cell] = {
        FIRST: cell(
            name_of(unit).text,
            sort=sort_text(name_of(unit).text),
            mark=say("wall.simulated").text if unit.simulated else "",
        ),
        _WHY: cell(say("classes.why").text, state="why"),
    }
    for place, each in enumerate(shown, start=1):
        found = each.of(unit.id)
        if found is not None:
            cells |= _class_cells(place, each.scheme, found)
    return row(unit.id, f"{unit.name_vi} {unit.name_en}", cells)


def _class_cells(place: int, scheme: Scheme, found: Class) -> Iterator[tuple[str, Cell]]:
    missing = say("classes.missing", count=len(found.missing)).text if found.missing else ""
    yield f"{place}.total", total_cell(found, missing)
    band = band_of(scheme, found)
    if not band:
        yield f"{place}.class", cell(say("classes.withheld").text, state="withheld")
    else:
        yield f"{place}.class", cell(band, sort=float(found.total or 0))
    known = {criterion.id for criterion in scheme.criteria}
    for each in found.criteria:
        if each.id not in known:
            continue  # of another version, which a moment ago judged the period
        yield f"{place}.{each.id}", _points_cell(each.points, missing=each.missing)


def band_of(scheme: Scheme, found: Class) -> str:
    """Return the name of a unit's class; empty while it is withheld."""
    return next((_told(band.name) for band in scheme.bands if band.id == found.band), "")


def total_cell(found: Class, note: str) -> Cell:
    """Return the total points of a unit; between which they lie, while any are withheld."""
    if found.total is None:
        between = say("classes.range", known=_written(found.known), highest=_written(found.highest))
        return cell(between.text, note=note, state="withheld")
    figure = float(found.total)
    return cell(_written(found.total), note=note, sort=figure, figure=figure)


def _points_cell(points: Decimal | None, *, missing: bool) -> Cell:
    if points is None or missing:
        shown = say("classes.no_points").text if points is None else _written(points)
        note = say("classes.no_points").text if points is not None else ""
        return cell(shown, note=note, state="withheld")
    return cell(_written(points), sort=float(points), figure=float(points))


def _told(said: Said) -> str:
    """Return a text of a scheme in the language of the screen."""
    return Bilingual(vi=said.vi, en=said.en).text


def _written(points: Decimal) -> str:
    """Return points with their own decimal places."""
    exponent = points.as_tuple().exponent
    return number(float(points), max(0, -exponent if isinstance(exponent, int) else 0))


def _choices(schemes: Sequence[Scheme], scheme: str, beside: str, period: str) -> list[Component]:
    found = {each.id: each for each in unit_schemes(schemes, period)}
    offered = [
        {"label": f"{_told(each.name)} · {each.id}", "value": each.id} for each in found.values()
    ]
    nothing = say("classes.none")
    none = {"label": nothing.text, "value": _NONE}
    kinds = set(found[scheme].periods) if scheme in found else {"month", "quarter", "year"}
    periods = [each for each in period_options() if kind_of(each["value"]) in kinds]
    return [
        choice(NAME, "scheme", offered, scheme),
        choice(NAME, "beside", [none, *offered], beside),
        choice(NAME, "period", periods, period),
    ]
