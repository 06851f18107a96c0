"""Every route and stream declares the right that it needs, and is closed to who lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute

from server.access.guard import Allow
from server.access.principals import Principal, principal_of
from server.access.rights import Right
from server.app import create_app
from tests.coroutines import run

PUBLIC = {"/docs", "/docs-files", "/openapi.json"}
"""The description of the API holds no figures."""

EXPECTED = {
    "/api/v1/catalogue": Right.READ_CATALOGUE,
    "/api/v1/devices": Right.READ_DEVICES,
    "POST /api/v1/devices/{unit}/{counter}/{device}/restore": Right.MANAGE_DEVICES,
    "POST /api/v1/devices/{unit}/{counter}/{device}/retire": Right.MANAGE_DEVICES,
    "/api/v1/health": Right.READ_HEALTH,
    "/api/v1/models": Right.READ_MODELS,
    "/api/v1/models/index.json": Right.READ_MODELS,
    "/api/v1/models/{file}": Right.READ_MODELS,
    "/api/v1/quarantine": Right.READ_QUARANTINE,
    "/api/v1/readings": Right.READ_FIGURES,
    "/api/v1/snapshot": Right.READ_FIGURES,
    "/api/v1/stream": Right.READ_FIGURES,
    "PUT /api/v1/assignments": Right.WRITE_STAFF,
    "/api/v1/staff": Right.READ_STAFF,
    "PUT /api/v1/staff": Right.WRITE_STAFF,
    "/api/v1/units": Right.READ_UNITS,
    "POST /api/v1/units/{unit}/accept": Right.MANAGE_UNITS,
    "/api/v1/units/{unit}": Right.READ_UNITS,
    "/healthz": Right.READ_HEALTH,
}


def routes() -> list[BaseRoute]:
    return list(flattened(create_app("postgresql://127.0.0.1/motcua").routes))


def flattened(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes with those of the routers among them."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from flattened(inner.routes)


def rights(dependant: Dependant) -> Iterator[Right]:
    if isinstance(dependant.call, Allow):
        yield dependant.call.right
    for inner in dependant.dependencies:
        yield from rights(inner)


def declared() -> dict[str, list[Right]]:
    return {
        name(route): list(rights(route.dependant))
        for route in routes()
        if isinstance(route, APIRoute | APIWebSocketRoute) and route.path not in PUBLIC
    }


def name(route: BaseRoute) -> str:
    """Return the path, after the method where it is not GET."""
    (method,) = getattr(route, "methods", None) or {"GET"}
    return route.path if method == "GET" else f"{method} {route.path}"


def test_every_route_declares_exactly_the_expected_right():
    assert declared() == {path: [right] for path, right in EXPECTED.items()}


def test_nothing_else_is_served_without_a_right():
    others = {route.path for route in routes()} - {key.split()[-1] for key in EXPECTED}
    assert others <= PUBLIC


def closed_to(principal: Principal):
    app = create_app("postgresql://127.0.0.1:1/motcua")
    app.dependency_overrides[principal_of] = lambda: principal
    return app


@pytest.mark.parametrize("path", [path for path in EXPECTED if path != "/api/v1/stream"])
def test_route_refuses_who_lacks_its_right(path):
    nobody = Principal(name="nobody", rights=frozenset(set(Right) - {EXPECTED[path]}))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=closed_to(nobody))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            method, _, place = path.rpartition(" ")
            place = re.sub(r"{\w+}", "x", place)
            return await client.request(method or "GET", place)

    answer = run(ask())
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("nobody may not ")


def test_stream_refuses_who_lacks_its_right():
    nobody = Principal(name="nobody", rights=frozenset())
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/api/v1/stream",
        "query_string": b"",
        "headers": [],
        "subprotocols": [],
    }
    run(closed_to(nobody)(scope, receive, send))
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]
