"""What a wall's browser is sent: its frame, the rows of one page, and the cells that change.

Components travel as short lists, `["div.row.unit", {attributes}, children…]`; `wall.js` makes Dash
components of them. A cell stands in its row as a place, and what it says travels apart, so that a
change costs the cells that changed and no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dash.development.base_component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One wall with the page whose turn it is.

    `frame` is the JSON of the skeleton, `rows` that of the scope's row and of the page's rows,
    `style` that of the widths of the columns, which follow the figures.
    `cells` are what the cells say, by place; `times` the time of each cell's newest observation
    in ms, which changes much more often than what the cell says.
    """

    frame: str
    rows: str = '{"columns":[],"head":[],"units":[],"first":0,"last":0}'
    style: str = "{}"
    page: int = 0
    cells: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, int | None] = field(default_factory=dict)


def whole(rendered: Rendered) -> str:
    """Return the message that builds the wall in a browser that has nothing yet."""
    return f'{{"kind":"whole","frame":{rendered.frame},{_page(rendered)}}}'


def changes(old: Rendered, new: Rendered) -> str | None:
    """Return the message that leads from `old` to `new`, None where nothing changed."""
    if old.frame != new.frame:
        return whole(new)
    if (old.page, old.rows) != (new.page, new.rows):
        return f'{{"kind":"page",{_page(new)}}}'
    cells = {at: cell for at, cell in new.cells.items() if old.cells.get(at) != cell}
    times = {at: ms for at, ms in new.times.items() if old.times.get(at) != ms}
    style = "" if old.style == new.style else f',"style":{new.style}'
    if not cells and not times and not style:
        return None
    return f'{{"kind":"cells","cells":{_object(cells)},"times":{to_json(times)}{style}}}'


def to_json(value: object) -> str:
    """Return plain values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def short(node: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return Dash's HTML components as short lists; texts and numbers stay what they are."""
    if isinstance(node, list | tuple):
        return [short(child) for child in node]
    if not isinstance(node, Component):
        return node
    given = node.to_plotly_json()  # type: ignore[no-untyped-call]
    properties = dict(given["props"])
    children = properties.pop("children", None)
    classes = properties.pop("className", "").split()
    made: list[Any] = [".".join([given["type"].lower(), *classes])]
    if properties:
        made.append(properties)
    if children is not None:
        made += map(short, children if isinstance(children, list | tuple) else [children])
    return made


def _page(rendered: Rendered) -> str:
    return (
        f'"page":{rendered.page},"rows":{rendered.rows},"style":{rendered.style},'
        f'"cells":{_object(rendered.cells)},"times":{to_json(rendered.times)}'
    )


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
