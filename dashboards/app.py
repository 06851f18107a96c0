"""The dashboards' ASGI application: walls over WebSockets, desk pages by Dash's callbacks."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import structlog
from dash import Dash
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.middleware.gzip import GZipMiddleware

from contract.texts import Language
from dashboards.api.entrance import EntranceClient
from dashboards.api.rest import RestClient
from dashboards.desk import pages
from dashboards.desk.accounts import Accounts, sessions_page
from dashboards.desk.alerts import AlertsPage
from dashboards.desk.annotations import Annotations
from dashboards.desk.appraisals import Appraisals
from dashboards.desk.chairman import ChairmanPage
from dashboards.desk.classes import ClassesPage
from dashboards.desk.clock import DeskClock
from dashboards.desk.comments import CommentsPage
from dashboards.desk.contests import Contests
from dashboards.desk.devices import devices_page
from dashboards.desk.dossiers import DossiersPage
from dashboards.desk.exporting import add_exports
from dashboards.desk.files import FILES as DESK_FILES
from dashboards.desk.files import add_files
from dashboards.desk.imports import ImportsPage
from dashboards.desk.indicators import IndicatorsPage
from dashboards.desk.officer import OfficerPage
from dashboards.desk.offices import OfficesPage
from dashboards.desk.pages import Page
from dashboards.desk.planning import PlanningPage
from dashboards.desk.quality import QualityPage
from dashboards.desk.rankings import RankingsPage
from dashboards.desk.reports import Reports
from dashboards.desk.scheme_list import SchemesPage
from dashboards.desk.unit import UnitPage
from dashboards.desk.units import units_page
from dashboards.entrance.audit import AUDIT
from dashboards.entrance.cookies import Cookies
from dashboards.entrance.gate import (
    LINKS,
    SCREENS,
    SECOND_FACTOR,
    SIGN_IN,
    SIGN_ON,
    SIGN_ON_ANSWER,
    SIGN_OUT,
    VISITOR,
    Gate,
)
from dashboards.entrance.routes import Doors, add_entrance
from dashboards.entrance.speaking import Speaking
from dashboards.entrance.watchers import Watcher, Watchers
from dashboards.look import theme
from dashboards.look.texts import for_scripts, tell
from dashboards.push.choice import Choice
from dashboards.push.document import wall_document
from dashboards.push.live import Broadcast, Viewer
from dashboards.settings import DashboardsSettings
from runtime.identity import Identity
from runtime.loopback import LoopbackOnly
from runtime.root_path import HiddenRootPath, below_root, require_distinct

_HERE = Path(__file__).parent
log = structlog.get_logger()

_WALL = "wall"
_LEAST_COMPRESSED_BYTES = 2048
_COMPRESSION = 6
"""Of 9: a table of 120 units becomes 7 % larger and takes a quarter of the time."""
_NO_PAGES = ("/_", "/assets/", DESK_FILES, LINKS, SCREENS)
_NO_PAGES_EXACT = frozenset(
    {"/", "/healthz", AUDIT, SECOND_FACTOR, SIGN_IN, SIGN_ON, SIGN_ON_ANSWER, SIGN_OUT, VISITOR}
)


def create_app(
    settings: DashboardsSettings, *, identity: Identity | None = None, trial: bool = False
) -> FastAPI:
    """Return the application; its background tasks live as long as its lifespan.

    In a `trial` nobody has to sign in, and nobody but this machine is answered.
    """
    api_url, identity = str(settings.api_url), identity or Identity()
    secret = settings.relay_secret.get_secret_value() if settings.relay_secret else ""
    cookies = Cookies(plain_http=settings.plain_http)
    entrance = EntranceClient(api_url, relay_secret=secret)
    rest, instance, version = RestClient(api_url, relay_secret=secret), uuid4().hex, _version()
    # Walls ask in their own names what desks never wait for.
    walls_api = RestClient(api_url, relay_secret=secret)
    broadcast = Broadcast(api_url=api_url, api=walls_api, identity=identity, trial=trial)
    clock = DeskClock(version=version)
    desks = (
        RankingsPage(rest).page(),
        IndicatorsPage(rest).page(),
        AlertsPage(rest).page(),
        ClassesPage(rest).page(),
        Appraisals(rest).page(),
        Contests(rest).page(),
        CommentsPage(rest).page(),
        OfficerPage(rest).page(),
        units_page(rest, clock),
        PlanningPage(rest).page(),
        devices_page(rest, clock),
        UnitPage(rest).page(),
        ChairmanPage(rest).page(),
        DossiersPage(rest).page(),
        Annotations(rest).page().page(),
        Reports(rest).page().page(),
        QualityPage(rest).page(),
        OfficesPage(rest).page(),
        SchemesPage(rest).page(),
        ImportsPage(rest).page(),
        Accounts(rest).page(),
        sessions_page(rest),
    )
    server = FastAPI(title="Motcua dashboards", docs_url=None, redoc_url=None, openapi_url=None)
    server.router.lifespan_context = lambda _: _background(broadcast, rest, walls_api, entrance)
    server.add_api_route("/", lambda: RedirectResponse(f"/{_WALL}"))
    server.add_api_route("/healthz", lambda: {"instance": instance, "version": version})
    add_entrance(server, Doors(api=rest, entrance=entrance, cookies=cookies))
    watchers = Watchers(rest, cookies, trial=trial, turn_s=settings.turn_s)
    _add_wall(server, rest, identity, root=settings.root_path, version=version)
    _add_live_route(server, broadcast, watchers, hello={"instance": instance, "version": version})
    add_files(server, rest)
    _create_dash(server, desks, identity, root=settings.root_path, version=version)
    _refuse_unknown_pages(server, (_WALL, *(page.name for page in desks)))
    server.add_middleware(
        GZipMiddleware, minimum_size=_LEAST_COMPRESSED_BYTES, compresslevel=_COMPRESSION
    )
    rights = {
        **{page.name: page.right for page in desks},
        _WALL: "read_figures",
        AUDIT.strip("/"): "read_audit",
    }
    server.add_middleware(Gate, api=rest, cookies=cookies, pages=rights)
    server.add_middleware(Speaking, wall=f"/{_WALL}")
    if trial:
        server.add_middleware(LoopbackOnly)
    if settings.root_path:
        taken = (*rights, *_NO_PAGES, *_NO_PAGES_EXACT - {"/"})
        require_distinct(settings.root_path, (f"/{name.strip('/')}" for name in taken))
        server.add_middleware(HiddenRootPath, root_path=settings.root_path)
    return server


@asynccontextmanager
async def _background(
    broadcast: Broadcast, rest: RestClient, walls_api: RestClient, entrance: EntranceClient
) -> AsyncIterator[None]:
    async with broadcast.running():
        yield
    await rest.close()
    await walls_api.close()
    await entrance.close()


def _version() -> str:
    """Return what a page is made of, so that a browser can tell that its own is outdated."""
    digest = hashlib.sha256(theme.css_variables().encode())
    for path in sorted(_HERE.rglob("*")):
        if path.suffix in {".css", ".html", ".js", ".py", ".toml", ".woff2"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _add_wall(
    server: FastAPI, api: RestClient, identity: Identity, *, root: str, version: str
) -> None:
    async def wall(request: Request) -> Response:
        visitor = (await api.me()).value
        language = Choice.parse(request.query_params, visitor).language
        return wall_document(language, identity, root=root, version=version)

    server.add_api_route(f"/{_WALL}", wall)


def _create_dash(
    server: FastAPI, desks: tuple[Page, ...], identity: Identity, *, root: str, version: str
) -> None:
    dash = Dash(
        server=server,  # type: ignore[arg-type]  # its annotation forgets ASGI servers
        routes_pathname_prefix="/",
        requests_pathname_prefix=f"{root}/",
        assets_folder=str(_HERE / "look" / "assets"),
        include_assets_files=False,  # found only once "/" was asked for: the page names them
        title=f"Motcua · {identity.name}",
        update_title="",
        index_string=_index(identity, root, version),
        add_log_handler=False,
        suppress_callback_exceptions=True,  # the parts of a page exist once it is shown
        on_error=_report,
    )
    pages.register(dash, desks)
    add_exports(dash)


def _report(error: Exception) -> None:
    """Log why a page or an act failed, which Dash answers without a word; the browser says that."""
    log.error("page_failed", exc_info=error)
    raise error


def _index(identity: Identity, root: str, version: str) -> str:
    """Return the document in which Dash puts desk pages, one for both languages: scripts choose."""
    known = {language: dict(for_scripts(language)) for language in Language}
    tokens = {
        "root": root,
        "version": version,
        "theme": theme.css_variables(identity),
        "texts": json.dumps(known, ensure_ascii=False).replace("</", "<\\/"),
    }
    page = (_HERE / "look" / "index.html").read_text(encoding="utf-8")
    for name, value in tokens.items():
        page = page.replace(f"@{name}@", value)
    return page


def _refuse_unknown_pages(server: FastAPI, names: tuple[str, ...]) -> None:
    """Answer 404 where Dash would show its page at every address; keep pages out of caches."""

    async def check(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        path = request.url.path
        if path.strip("/") in names:
            response = await answer(request)
            response.headers["Cache-Control"] = "no-store"
            return response
        if path.startswith(_NO_PAGES) or path in _NO_PAGES_EXACT:
            return await answer(request)
        links = " ".join(below_root(f"/{name}") for name in names)
        return PlainTextResponse(f"{tell('page.not_found')}. {links}\n", 404)

    server.middleware("http")(check)


def _add_live_route(
    server: FastAPI, broadcast: Broadcast, watchers: Watchers, *, hello: Mapping[str, str]
) -> None:
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        watcher = watchers.of(socket)
        choice = await watcher.choose(socket.query_params)
        refused = await watcher.refusal(choice)
        if refused is not None:
            await socket.close(refused)
            return
        await socket.send_text(json.dumps({"kind": "hello", **hello}))
        viewer = broadcast.join(choice, watcher.token)
        checking = asyncio.create_task(_cut_when_refused(broadcast, viewer, watcher))
        try:
            await _talk(socket, viewer)
        finally:
            checking.cancel()
            broadcast.leave(viewer)

    server.add_api_websocket_route(f"/_live/{_WALL}", live)


async def _cut_when_refused(broadcast: Broadcast, viewer: Viewer, watcher: Watcher) -> None:
    """Cut off whoever may not watch any more; the page comes back and is told why."""
    await watcher.wait_until_refused(viewer.choice)
    broadcast.cut(viewer)


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
