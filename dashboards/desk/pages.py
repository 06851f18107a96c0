"""The registry of desk pages: their paths, and the parameters that stand in their addresses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboards.look.texts import tell

T = TypeVar("T")

Values: TypeAlias = Mapping[str, Any]
"""The values of a page's parameters by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[T]):
    """One parameter of an address; `read` raises ValueError for a text that says no value."""

    name: str
    default: T
    read: Callable[[str], T]
    write: Callable[[T], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: `/name`, its title `page.name`, what its address may say, and how it is made.

    `layout` returns the page for the values of its parameters. `register` adds its callbacks to
    the application; they are found by the ids of the page's components. `right` is what whoever
    opens the page must be allowed to read.
    """

    name: str
    parameters: tuple[Parameter[Any], ...]
    layout: Callable[[Values], Awaitable[Component]]
    register: Callable[[Dash], None]
    right: str = "read_figures"

    def read(self, query: str) -> dict[str, Any]:
        """Return the parameters' values in an address's query; what says nothing is the default."""
        given = dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))
        values = {}
        for parameter in self.parameters:
            values[parameter.name] = parameter.default
            if parameter.name in given:
                try:
                    values[parameter.name] = parameter.read(given[parameter.name])
                except ValueError:
                    continue
        return values

    def write(self, values: Values) -> str:
        """Return the query that `read` reads as `values`; defaults are left out."""
        written = {
            parameter.name: parameter.write(values[parameter.name])
            for parameter in self.parameters
            if values[parameter.name] != parameter.default
        }
        return f"?{urlencode(written)}" if written else ""


def text(name: str, default: str = "") -> Parameter[str]:
    """Return a parameter that is any text."""
    return Parameter(name=name, default=default, read=lambda said: said or default, write=str)


def order(name: str, default: str) -> Parameter[tuple[str, ...]]:
    """Return a parameter that names columns to sort by: `-visits,unit`, a minus for downward."""
    return Parameter(
        name=name,
        default=tuple(default.split(",")),
        read=lambda written: tuple(filter(None, written.split(","))),
        write=",".join,
    )


def conditions(name: str) -> Parameter[dict[str, Any]]:
    """Return a parameter that holds a grid's filters as JSON."""
    return Parameter(name=name, default={}, read=_read_object, write=_write_object)


def register(app: Dash, pages: Sequence[Page]) -> None:
    """Give `app` the layout in which walls and pages appear, and every page's callbacks."""
    root = app.config.requests_pathname_prefix.rstrip("/")
    by_path = {page.name: page for page in pages}

    def empty() -> Component:
        waiting = html.P(tell("desk.loading"), className="notice calm loading", role="status")
        return html.Div([dcc.Location(id="address", refresh=False), html.Div(waiting, id="page")])

    app.layout = empty  # in the language of whoever asks

    async def show(path: str | None, query: str | None) -> Any:  # noqa: ANN401 - Dash's own type
        page = by_path.get((path or "").removeprefix(root).strip("/"))
        return no_update if page is None else await page.layout(page.read(query or ""))

    path, query = Input("address", "pathname"), State("address", "search")
    app.callback(Output("page", "children"), path, query)(show)
    for page in pages:
        page.register(app)


def _read_object(written: str) -> dict[str, Any]:
    value = json.loads(written)
    if not isinstance(value, dict):
        raise ValueError(f"{written!r} is no JSON object")  # noqa: TRY004 - as any unreadable text
    return value


def _write_object(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
