"""What a wall's browser draws: elements as short lists, and the parts of them that change.

`["div.tile", {attributes}, children…]` is an element, a text is a text and never markup, and
`["part", name]` stands where what changes is put. `wall.js` makes elements of them.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Node: TypeAlias = "list[Any] | str"
"""An element as a list, or a text."""


def node(kind: str, *children: Node | tuple[Node, ...] | None, **attributes: object) -> Node:
    """Return an element: `kind` is its tag with its classes, `div.tile`.

    Several children may come as a tuple; those that are None are left out. An attribute's
    underscores become hyphens.
    """
    made: list[Any] = [kind]
    given = {
        name.rstrip("_").replace("_", "-"): str(value)
        for name, value in attributes.items()
        if value is not None
    }
    if given:
        made.append(given)
    for child in children:
        if isinstance(child, str | list):
            made.append(child)
        elif child is not None:
            made += child
    return made


def part(name: str) -> Node:
    """Return the place of what is sent apart as `name`."""
    return ["part", name]


def several(*nodes: Node | None) -> str:
    """Return the JSON of what stands in a part: any nodes, those that are None left out."""
    return to_json([each for each in nodes if each is not None])


def to_json(value: object) -> str:
    """Return plain values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
