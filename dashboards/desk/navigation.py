"""The links that stand at the top of every desk page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards.look.texts import say, spans
from runtime.root_path import below_root

_LINKS = ("wall", "indicators", "officer", "units", "devices")


def navigation(here: str) -> Component:
    """Return the links, the page that is `here` marked."""
    return html.Nav(
        [
            html.A(
                spans(say(f"page.{name}")),
                href=below_root(f"/{name}"),
                className="here" if name == here else "",
            )
            for name in _LINKS
        ]
    )
