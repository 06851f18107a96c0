"""What a screen hands to its browsers: a frame, and parts that are sent when they change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from plotly.utils import PlotlyJSONEncoder

from dashboards.feed import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One screen at one moment.

    `frame` is the JSON of the page's skeleton. `parts` fill it: name of the part to its JSON.
    `pages` says which parts stand together. Only what is visible becomes Dash components in the
    browser: the renderer's cost grows with all components on the page (60 rows took 0.4 s a
    change), so parts wait there as plain JSON until their page's turn.
    """

    frame: str
    parts: Mapping[str, str]
    pages: tuple[tuple[str, ...], ...] = ()


class Screen(Protocol):
    """Turns the newest view into what browsers show."""

    def render(self, view: View | None) -> Rendered:
        """Return the whole screen; parts that did not change may come from a cache."""


def to_json(value: object) -> str:
    """Return Dash components, or plain values, as the JSON that browsers take."""
    return json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def whole(rendered: Rendered) -> str:
    """Return the message that builds the screen in a browser that has nothing yet."""
    pages, parts = json.dumps(rendered.pages), _object(rendered.parts)
    return f'{{"kind":"whole","frame":{rendered.frame},"pages":{pages},"parts":{parts}}}'


def changes(old: Rendered, new: Rendered) -> str | None:
    """Return the message that leads from `old` to `new`, None where nothing changed."""
    if old.frame != new.frame or old.pages != new.pages:
        return whole(new)
    changed = {name: part for name, part in new.parts.items() if old.parts.get(name) != part}
    return f'{{"kind":"parts","parts":{_object(changed)}}}' if changed else None


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
