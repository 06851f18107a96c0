"""What a screen hands to its browsers: parts by component id, sent only when they changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from dashboards.feed import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One screen at one moment.

    `frame` is the JSON of the page's skeleton, whose empty components `parts` fill: component id
    to the JSON of its properties.
    """

    frame: str
    parts: Mapping[str, str]


class Screen(Protocol):
    """Turns the newest view into what browsers show."""

    def render(self, view: View | None) -> Rendered:
        """Return the whole screen; parts that did not change may come from a cache."""


def to_json(value: Component | list[Component] | Mapping[str, object]) -> str:
    """Return Dash components as the JSON that Dash's renderer takes."""
    return json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def whole(rendered: Rendered) -> str:
    """Return the message that builds the screen in a browser that has nothing yet."""
    return _message({"page": rendered.frame, **rendered.parts})


def changes(old: Rendered, new: Rendered) -> str | None:
    """Return the message that leads from `old` to `new`, None where nothing changed."""
    if old.frame != new.frame:
        return whole(new)
    changed = {id_: props for id_, props in new.parts.items() if old.parts.get(id_) != props}
    return _message(changed) if changed else None


def _message(props: Mapping[str, str]) -> str:
    pairs = ",".join(f"[{json.dumps(id_)},{value}]" for id_, value in props.items())
    return f'{{"kind":"props","props":[{pairs}]}}'
