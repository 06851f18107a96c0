"""The links that stand at the top of every desk page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.look.texts import say, spans, spoken
from runtime.root_path import below_root

_LINKS = (
    "wall",
    "rankings",
    "indicators",
    "alerts",
    "classes",
    "appraisal",
    "contests",
    "officer",
    "units",
    "planning",
    "devices",
)


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


_NAMES = {Language.VI: "Tiếng Việt", Language.EN: "English"}
"""Each in its own language, for whoever reads no other."""


def language_switch() -> Component:
    """Return the link to this page in the other language; `desk.js` keeps the address's rest."""
    other = Language.VI if spoken() is Language.EN else Language.EN
    return html.A(_NAMES[other], href=f"?lang={other}", lang=str(other), className="language")
