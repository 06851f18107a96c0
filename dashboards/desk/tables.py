"""What the table pages have in common: navigation, search, grid, and figures that stay current."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from contract.readings import DeviceProblem
from dashboards.api.asking import asked_by, asking
from dashboards.desk.clock import DeskClock
from dashboards.desk.grids import Column, Row, definitions, grid
from dashboards.desk.navigation import header
from dashboards.desk.pages import Page, Parameter, Values, conditions, order, text
from dashboards.errors import ApiRefused, DashboardsError
from dashboards.look.texts import Bilingual, say, spans, tell

REFRESH_S = 3.0
"""How often a desk asks; within a second, all desks together cost the API one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a page shows at one moment; with `error`, the last figures or none.

    `extras` are what stands beside the grid, by the name of its component. `alarms` say what is
    wrong with the server itself. `digests` tell by part what a browser has; without them they are
    computed.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    computed_at: datetime | None
    error: DashboardsError | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    alarms: Sequence[DeviceProblem] = ()
    digests: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """A page of one grid: what it reads, and what stands above the grid.

    `extras` names the components above the grid that change, each with the property that does.
    """

    name: str
    parameters: tuple[Parameter[Any], ...]
    read: Callable[[Values], Awaitable[Table]]
    above: Callable[[Table], Sequence[Component]]
    extras: Mapping[str, str]
    clock: DeskClock
    right: str = "read_figures"

    def page(self) -> Page:
        """Return the page for the registry."""
        common = (text("find"), order("sort", "unit"), conditions("filter"))
        return Page(
            name=self.name,
            parameters=(*self.parameters, *common),
            layout=self._layout,
            register=self._register,
            right=self.right,
        )

    async def _layout(self, values: Values) -> Component:
        table = await self.read(values)
        found = grid(
            self._id("grid"),
            table.columns,
            table.rows,
            order=values["sort"],
            conditions=values["filter"],
            find=values["find"],
        )
        stores: dict[str, Any] = {
            "asked": values,
            "held": digests_of(table),
            "tick": self._tick(table),
            "query": None,
            "told": None,
            "kept": None,
        }
        return html.Main(
            [
                self._navigation(values["find"]),
                html.Div(_state(table), id=self._id("state")),
                *self.above(table),
                found,
                dcc.Interval(id=self._id("refresh"), interval=REFRESH_S * 1000),
                *(dcc.Store(id=self._id(name), data=data) for name, data in stores.items()),
            ],
            className=f"desk {self.name}",
        )

    def _register(self, app: Dash) -> None:
        """Add the callbacks that keep the page current and its address true."""
        app.callback(
            [
                Output(self._id("state"), "children"),
                Output(self._id("tick"), "data"),
                Output(self._id("held"), "data"),
                Output(self._id("grid"), "rowData"),
                Output(self._id("grid"), "columnDefs"),
                *(Output(name, changing) for name, changing in self.extras.items()),
            ],
            Input(self._id("refresh"), "n_intervals"),
            State(self._id("asked"), "data"),
            State(self._id("held"), "data"),
            prevent_initial_call=True,
        )(self._refresh)
        app.callback(
            Output(self._id("query"), "data"),
            Input(self._id("grid"), "columnState"),
            Input(self._id("grid"), "filterModel"),
            Input(self._id("find"), "value"),
            State(self._id("asked"), "data"),
            prevent_initial_call=True,
        )(self._write_query)
        self._register_scripts(app)

    def _register_scripts(self, app: Dash) -> None:
        def in_browser(function: str, *arguments: Output | Input | State) -> None:
            app.clientside_callback(  # type: ignore[no-untyped-call]
                ClientsideFunction("motcua", function), *arguments
            )

        options = (self._id("grid"), "dashGridOptions")
        # Dash takes callbacks of one function without any output for one and the same.
        in_browser("tick", Output(self._id("told"), "data"), Input(self._id("tick"), "data"))
        in_browser("keep", Output(self._id("kept"), "data"), Input(self._id("query"), "data"))
        in_browser("find", Output(*options), Input(self._id("find"), "value"), State(*options))

    async def _refresh(self, _: int, asked: Values, held: Mapping[str, str]) -> list[Any]:
        """Return what changed since the page was last told."""
        with asked_by(replace(asking(), automatic=True)):
            table = await self.read(asked)
        new = digests_of(table)
        changed = {name for name, digest in new.items() if held.get(name) != digest}
        return [
            _state(table),
            self._tick(table),
            new,
            list(table.rows) if "rows" in changed else no_update,
            definitions(table.columns, asked["sort"]) if "columns" in changed else no_update,
            *(table.extras[name] if name in changed else no_update for name in self.extras),
        ]

    async def _write_query(
        self,
        columns: Sequence[Mapping[str, Any]] | None,
        filters: Mapping[str, Any] | None,
        find: str | None,
        asked: Values,
    ) -> Any:  # noqa: ANN401 - Dash's own type
        """Return the address's query for what the grid shows now."""
        if columns is None:
            return no_update
        sorted_by = sorted(
            (column["sortIndex"] or 0, column["colId"], column["sort"])
            for column in columns
            if column.get("sort")
        )
        order_by = tuple(f"{'-' if way == 'desc' else ''}{name}" for _, name, way in sorted_by)
        kept = {"sort": order_by, "filter": dict(filters or {}), "find": find or ""}
        return self.page().write({**asked, **kept})

    def _navigation(self, find: str) -> Component:
        field = dcc.Input(
            id=self._id("find"),
            className="find",
            type="search",
            value=find,
            placeholder=tell("desk.find"),
        )
        clock = html.Div(
            [html.Span(className="date"), html.Span(className="clock")], className="now"
        )
        return header(self.name, [field], [clock])

    def _id(self, part: str) -> str:
        return f"{self.name}-{part}"

    def _tick(self, table: Table) -> Mapping[str, Any]:
        away = table.error is not None and not isinstance(table.error, ApiRefused)
        return self.clock.tick(table.computed_at, linked=not away)


def _state(table: Table) -> list[Component]:
    """Return what is wrong with the server, and why there are no new figures."""
    alarms = [
        html.P(spans(Bilingual(vi=alarm.text_vi, en=alarm.text_en)), className="notice alarm")
        for alarm in table.alarms
    ]
    return [*alarms, *_absence(table)]


def _absence(table: Table) -> list[Component]:
    if table.error is None:
        return []
    if isinstance(table.error, ApiRefused):
        said = say("desk.refused", reason=str(table.error))
    else:
        said = say("desk.away" if table.rows else "desk.nothing_yet")
    return [_notice(said)]


def _notice(said: Bilingual) -> Component:
    return html.P(spans(said), className="notice")


def digests_of(table: Table) -> Mapping[str, str]:
    """Return a digest of each part of the page, by which a page knows what it has."""
    if table.digests is not None:
        return table.digests
    parts = {"rows": list(table.rows), "columns": definitions(table.columns, ()), **table.extras}
    return {
        name: hashlib.sha256(
            json.dumps(part, cls=PlotlyJSONEncoder, sort_keys=True).encode()
        ).hexdigest()[:16]
        for name, part in parts.items()
    }
