"""What stands at the top of every desk page: groups of pages that the visitor may open, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from contract.texts import Language
from dashboards.api.visiting import may
from dashboards.desk.labels import named
from dashboards.look.texts import say, spans, spoken, tell
from dashboards.look.theme import Theme, worn
from runtime.root_path import below_root

GROUPS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "steer": (
            ("chairman", "read_figures"),
            ("wall", "read_figures"),
            ("alerts", "read_alerts"),
        ),
        "figures": (
            ("rankings", "read_figures"),
            ("indicators", "read_figures"),
            ("units", "read_figures"),
            ("unit", "read_figures"),
            ("dossiers", "read_figures"),
            ("planning", "read_figures"),
            ("annotations", "read_figures"),
            ("reports", "read_figures"),
        ),
        "judgement": (
            ("classes", "read_figures"),
            ("schemes", "read_catalogue"),
            ("appraisal", "read_appraisals"),
            ("contests", "read_contests"),
            ("comments", "read_comments"),
            ("officer", "read_figures"),
        ),
        "care": (
            ("devices", "read_devices"),
            ("quality", "read_figures"),
            ("imports", "read_sources"),
            ("offices", "read_units"),
        ),
        "administration": (
            ("accounts", "read_accounts"),
            ("sessions", "read_own_account"),
            ("audit", "read_audit"),
        ),
    }
)
"""The pages by group, each with the right that it needs."""


def group_of(name: str) -> str:
    """Return the group that a page stands in; the first for one that stands in none."""
    found = (group for group, pages in GROUPS.items() if name in dict(pages))
    return next(found, next(iter(GROUPS)))


def navigation(here: str) -> Component:
    """Return the groups that hold anything for the visitor, and the pages of the present one.

    What leads to a page that the visitor may not open is left out.
    """
    open_to = {
        group: [name for name, right in pages if may(right)] for group, pages in GROUPS.items()
    }
    shown = group_of(here)
    return html.Nav(
        [
            html.Div(
                [
                    _link(names[0], say(f"group.{group}").text, here=group == shown)
                    for group, names in open_to.items()
                    if names
                ],
                className="groups",
            ),
            html.Div(
                [
                    _link(name, say(f"page.{name}").text, here=name == here, page=True)
                    for name in open_to[shown]
                ],
                className="pages",
            ),
        ],
        **named(tell("group.all")),
    )


def _link(name: str, said: str, *, here: bool, page: bool = False) -> Component:
    marks: dict[str, Any] = {"aria-current": "page" if page else "true"} if here else {}
    return html.A(said, href=below_root(f"/{name}"), className="here" if here else "", **marks)


def header(
    name: str, between: Sequence[Component] = (), after: Sequence[Component] = ()
) -> Component:
    """Return the head of the page `name`, with what stands beside the navigation."""
    title = html.H1(tell(f"page.{name}"), className="unseen")
    export = export_choice(name) if name in EXPORTED else []
    return html.Header([title, navigation(name), *between, *export, switches(), *after])


EXPORTED = ("rankings", "indicators", "unit", "dossiers", "classes", "offices", "quality")
"""The pages whose figures can be kept as a file, just as they are shown."""


def export_choice(name: str) -> list[Component]:
    """Return the buttons that keep what the page shows as a file."""
    return [
        html.Div(
            [
                html.Span(tell("export.title"), className="name"),
                *(
                    html.Button(
                        written.upper(), id={"export": written, "page": name}, type="button"
                    )
                    for written in ("csv", "xlsx")
                ),
                dcc.Store(id={"export": "shown", "page": name}),
                dcc.Download(id={"export": "file", "page": name}),
            ],
            className="export",
            role="group",
            **_words(),
        )
    ]


def _words() -> dict[str, Any]:
    """Return what the browser calls the columns of figures that stand in no table."""
    return {
        **named(tell("export.title")),
        "data-figure": tell("export.figure"),
        "data-value": tell("export.value"),
    }


_NAMES = {Language.VI: "Tiếng Việt", Language.EN: "English"}
"""Each in its own language, for whoever reads no other."""


def switches() -> Component:
    """Return the links to this page in the other theme and language; scripts keep the rest of its
    address.
    """
    return html.Div([_theme_switch(), language_switch()], className="switches")


def _theme_switch() -> Component:
    other = Theme.LIGHT if worn() is Theme.DARK else Theme.DARK
    return html.A(
        spans(say(f"theme.{other}")),
        href=f"?theme={other}",
        className="theme",
        **_chosen(other),
    )


def _chosen(theme: Theme) -> dict[str, Any]:
    return {"data-theme": str(theme)}


def language_switch() -> Component:
    """Return the link to this page in the other language; `desk.js` keeps the address's rest."""
    other = Language.VI if spoken() is Language.EN else Language.EN
    return html.A(_NAMES[other], href=f"?lang={other}", lang=str(other), className="language")
