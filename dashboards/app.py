"""The dashboards' ASGI application: Dash on FastAPI, fed by one WebSocket and feeding many."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from dash import Dash, html
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse, RedirectResponse

from dashboards import theme
from dashboards.devices import DevicesTable
from dashboards.feed import Feed
from dashboards.live import Broadcast, Viewer
from dashboards.screens import Screen
from dashboards.settings import DashboardsSettings
from dashboards.units import UnitsTable
from dashboards.wall import Wall

_HERE = Path(__file__).parent
_UNKNOWN_SCREEN = 4404


def create_app(settings: DashboardsSettings) -> FastAPI:
    """Return the application; its background tasks live as long as its lifespan."""
    screens: Mapping[str, Screen] = MappingProxyType(
        {
            "wall": Wall(province_name=settings.province_name),
            "units": UnitsTable(),
            "devices": DevicesTable(),
        }
    )
    feed = Feed(str(settings.api_url))
    broadcast = Broadcast(feed, screens)
    server = FastAPI(title="Motcua dashboards", docs_url=None, redoc_url=None, openapi_url=None)
    server.router.lifespan_context = lambda _: _background(feed, broadcast)
    instance, version = uuid4().hex, _version()
    server.add_api_route("/", lambda: RedirectResponse("/wall"))
    server.add_api_route("/healthz", lambda: {"instance": instance, "version": version})
    _add_live_route(server, broadcast, screens, hello={"instance": instance, "version": version})
    _create_dash(server, version=version, page_s=settings.page_s)
    _refuse_unknown_pages(server, screens)
    return server


@asynccontextmanager
async def _background(feed: Feed, broadcast: Broadcast) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(feed.follow(broadcast.show_change)),
        asyncio.create_task(broadcast.tick()),
    ]
    try:
        yield
    finally:
        broadcast.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _version() -> str:
    """Return what a page is made of, so that a browser can tell that its own is outdated."""
    digest = hashlib.sha256(theme.css_variables().encode())
    for path in sorted(_HERE.rglob("*")):
        if path.suffix in {".css", ".html", ".js", ".py", ".woff2"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _create_dash(server: FastAPI, *, version: str, page_s: float) -> None:
    page = (_HERE / "index.html").read_text(encoding="utf-8")
    tokens = {
        "version": version,
        "page_ms": str(round(page_s * 1000)),
        "theme": theme.css_variables(),
    }
    for name, value in tokens.items():
        page = page.replace(f"@{name}@", value)
    dash = Dash(
        server=server,  # type: ignore[arg-type]  # its annotation forgets ASGI servers
        assets_folder=str(_HERE / "assets"),
        include_assets_files=False,  # found only once "/" was asked for: the page names them
        title="Motcua",
        update_title="",
        index_string=page,
        add_log_handler=False,
    )
    dash.layout = html.Div(id="page")


def _refuse_unknown_pages(server: FastAPI, screens: Mapping[str, Screen]) -> None:
    """Answer 404 where Dash would show its page at every address; keep pages out of caches."""

    async def check(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        path = request.url.path
        if path.strip("/") in screens:
            response = await answer(request)
            response.headers["Cache-Control"] = "no-store"
            return response
        if path.startswith(("/_", "/assets/")) or path in {"/", "/healthz"}:
            return await answer(request)
        return PlainTextResponse(
            f"Không có trang này · No such page. {' '.join(f'/{name}' for name in screens)}\n", 404
        )

    server.middleware("http")(check)


def _add_live_route(
    server: FastAPI,
    broadcast: Broadcast,
    screens: Mapping[str, Screen],
    *,
    hello: Mapping[str, str],
) -> None:
    async def live(socket: WebSocket, screen: str) -> None:
        await socket.accept()
        if screen not in screens:
            await socket.close(_UNKNOWN_SCREEN)
            return
        await socket.send_text(json.dumps({"kind": "hello", **hello}))
        viewer = broadcast.join(screen)
        try:
            await _talk(socket, viewer)
        finally:
            broadcast.leave(viewer)

    server.add_api_websocket_route("/_live/{screen}", live)


async def _talk(socket: WebSocket, viewer: Viewer) -> None:
    """Send the viewer's queue until it or its browser hangs up."""

    async def send() -> None:
        while (message := await viewer.queue.get()) is not None:
            await socket.send_text(message)
        await socket.close(1012)

    async def listen() -> None:
        while True:
            await socket.receive_text()

    sending, listening = asyncio.create_task(send()), asyncio.create_task(listen())
    done, pending = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for outcome in await asyncio.gather(*done, *pending, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
            raise outcome
