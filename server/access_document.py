"""Renders docs/access.md from the roles' declaration and the rights that routes declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute

from server.access.guard import Allow, At
from server.access.rights import FOR_ANYONE, FOR_KEYS, FOR_SCREENS, Right
from server.access.roles import ROLES, Extent, Role

FILE = "access.md"

_HEAD = """# Who may do what

Generated from `server/access/roles.py` and from what each route declares; change those and run
`make docs`. A right holds somewhere: a role that is held in a unit reaches that unit and everything
below it. Nobody has a right by default, and a route without one does not pass the tests.

Figures of named officers go to the officer, the direct head, the appraiser of an open appraisal and
the auditor; everybody else reads aggregates. Whoever gives roles (`administrator`) sees no officer.
How it is enforced, and against whom: [security.md](security.md).
"""
_WHERE = {
    Extent.SUBTREE: "●",
    Extent.UNIT: "own unit alone",
    Extent.APPRAISAL: "open appraisal",
}
_AT = {
    At.ANYWHERE: "–",
    At.SCOPE: "the parameter `scope`",
    At.UNIT: "the unit in the path",
    At.UNIT_ASKED: "the parameter `unit`",
}


def render(app: FastAPI) -> str:
    """Return the document for the application's routes."""
    return "\n".join([_HEAD, *_roles(), "", *_others(), "", *_routes(app), ""])


def declared(app: FastAPI) -> Iterator[tuple[str, str, Allow]]:
    """Yield each route's method, path and what it declares."""
    for route in _flattened(app.routes):
        if isinstance(route, APIRoute | APIWebSocketRoute):
            methods = sorted(route.methods or ()) if isinstance(route, APIRoute) else ["stream"]
            for allow in _allows(route.dependant):
                for method in methods:
                    yield method, route.path, allow


def _roles() -> Iterator[str]:
    rights = [right for right in Right if right not in FOR_ANYONE]
    yield "## Roles"
    yield ""
    yield f"| | {' | '.join(f'`{right}`' for right in rights)} | held in | second factor |"
    yield f"|---|{'---|' * (len(rights) + 2)}"
    for role in Role:
        declaration = ROLES[role]
        cells = (_cell(declaration.rights.get(right)) for right in rights)
        factor = "demanded" if declaration.second_factor else "by choice"
        yield f"| `{role}` | {' | '.join(cells)} | {declaration.held} | {factor} |"


def _cell(extent: Extent | None) -> str:
    return "" if extent is None else _WHERE[extent]


def _others() -> Iterator[str]:
    yield "## Without a role"
    yield ""
    for who, rights in (
        ("Anyone, without signing in", FOR_ANYONE),
        ("A key (`motcua key`), of these those that it was given", FOR_KEYS),
        ("A wall's screen (`motcua screen`), in its unit and its scenes", FOR_SCREENS),
    ):
        yield f"- {who}: {', '.join(f'`{right}`' for right in sorted(rights))}."


def _routes(app: FastAPI) -> Iterator[str]:
    yield "## Routes"
    yield ""
    yield "| route | right | for |"
    yield "|---|---|---|"
    for method, path, allow in sorted(declared(app), key=lambda each: (each[1], each[0])):
        yield f"| {method} `{path}` | `{allow.right}` | {_AT[allow.at]} |"


def _flattened(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes with those of the routers among them."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flattened(inner.routes)


def _allows(dependant: Dependant) -> Iterator[Allow]:
    if isinstance(dependant.call, Allow):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _allows(inner)
