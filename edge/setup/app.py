"""The set-up page's web application: its calls, and who may make them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI, Header, HTTPException, Request, params, status
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.texts import Language, texts
from edge.analytics.zones import Zone
from edge.check.checks import run_checks
from edge.check.findings import told_in
from edge.kiosk.page import render_page
from edge.kiosk.security import SecurityMiddleware
from edge.sections import ZoneSettings
from edge.settings import EdgeSettings
from edge.setup.door import Door, TooManyAttempts, WrongPin, is_local
from edge.setup.files import Change, draft, previous_of, restore, write_file
from edge.setup.live_view import LiveView
from edge.setup.schemas import (
    DraftIn,
    Entered,
    FindingOut,
    ModelChoice,
    PinIn,
    SavedOut,
    SettingsIn,
    SetupState,
    ViewOut,
    ZoneIn,
)
from edge.vision.registry import open_registry
from runtime.errors import SettingInvalid

MAX_BODY_BYTES = 64 * 1024
"""Sixty-four zones of sixty points."""

_STATIC = Path(str(resources.files("edge.setup").joinpath("static")))

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Setup:
    """What the page works on; `settings` are those that the file gives now."""

    path: Path
    models: Path | None
    settings: EdgeSettings
    door: Door
    view: LiveView
    end: Callable[[], None]


class LocalOnly:
    """ASGI middleware: nobody from outside of private networks is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403."""
        client = scope.get("client")
        if scope["type"] == "http" and not (client and is_local(client[0])):
            refused = JSONResponse({"detail": "only from the local network"}, 403)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def make_app(setup: Setup) -> FastAPI:
    """Return the application; every call but the PIN's needs the token that the PIN gives."""
    pages = {language: render_page("page.html", "edge.setup", language) for language in Language}
    app = FastAPI(title="Motcua set-up", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(
        SecurityMiddleware,
        hosts=(),
        on_refusal=lambda refused: log.warning("page_refused", problem=refused.reason),
        max_body_bytes=MAX_BODY_BYTES,
    )
    app.add_middleware(LocalOnly)
    app.add_exception_handler(SettingInvalid, _answer_invalid)

    @app.get("/")
    def page(lang: str = "vi") -> HTMLResponse:
        return HTMLResponse(pages[Language.EN if lang == Language.EN else Language.VI])

    @app.get("/texts")
    def words(lang: str = "vi") -> dict[str, str]:
        language = Language.EN if lang == Language.EN else Language.VI
        return dict(texts("edge", language).below("setup"))

    @app.post("/api/v1/session")
    def enter(body: PinIn) -> Entered:
        try:
            return Entered(token=setup.door.enter(body.pin, time.monotonic()))
        except WrongPin as error:
            raise HTTPException(status.HTTP_403_FORBIDDEN, str(error)) from error
        except TooManyAttempts as error:
            raise HTTPException(
                status.HTTP_429_TOO_MANY_REQUESTS,
                "too many wrong attempts",
                headers={"Retry-After": str(math.ceil(error.wait_s))},
            ) from error

    def let_in(x_setup_token: Annotated[str, Header()] = "") -> None:
        if not setup.door.is_open_to(x_setup_token, time.monotonic()):
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "enter the PIN first")

    _add_calls(app, setup, let_in)
    app.mount("/static", StaticFiles(directory=_STATIC))
    return app


def _add_calls(app: FastAPI, setup: Setup, let_in: Callable[..., None]) -> None:
    inside = [Depends(let_in)]

    @app.get("/api/v1/state", dependencies=inside)
    def state() -> SetupState:
        return _state(setup)

    @app.put("/api/v1/draft", dependencies=inside)
    def look_with(body: DraftIn) -> SetupState:
        settings = draft(setup.path, _change(body))
        cameras = [view.camera.name for view in settings.views()]
        if body.camera not in cameras:
            raise SettingInvalid(f"there is no camera {body.camera}; known: {', '.join(cameras)}")
        setup.view.use(settings, body.camera, _zones_seen(settings, body.camera))
        return _state(setup)

    @app.get("/api/v1/view", dependencies=inside)
    def view() -> ViewOut:
        look = setup.view.look()
        mosaic = look.mosaic
        return ViewOut(
            columns=0 if mosaic is None else mosaic.columns,
            rows=0 if mosaic is None else mosaic.rows,
            cells=() if mosaic is None else mosaic.cells,
            heads=look.heads,
            counts=look.counts,
            problem=look.problem,
            age_s=round(time.monotonic() - look.at_s, 1) if look.at_s else None,
        )

    _add_acts(app, setup, inside)


def _add_acts(app: FastAPI, setup: Setup, inside: list[params.Depends]) -> None:
    @app.post("/api/v1/checks", dependencies=inside)
    def checks(lang: str = "") -> list[FindingOut]:
        language = Language.EN if lang == Language.EN else Language.VI
        with told_in(language), setup.view.paused():  # a camera is one program's at a time
            found = list(run_checks(setup.path, models=setup.models))
        return [
            FindingOut(
                subject=one.title, verdict=one.verdict.value, detail=one.detail, advice=one.advice
            )
            for one in found
        ]

    @app.put("/api/v1/settings", dependencies=inside)
    def write(body: SettingsIn) -> SavedOut:
        setup.settings = write_file(setup.path, _change(body))
        log.info("settings_saved", file=str(setup.path), zones=len(setup.settings.zones))
        return SavedOut(file=str(setup.path), zones=len(setup.settings.zones))

    @app.post("/api/v1/restore", dependencies=inside)
    def put_back() -> SetupState:
        setup.settings = restore(setup.path)
        log.info("settings_restored", file=str(setup.path))
        return _state(setup)

    @app.post("/api/v1/end", dependencies=inside, status_code=status.HTTP_204_NO_CONTENT)
    def end() -> Response:
        setup.end()
        return Response(status_code=status.HTTP_204_NO_CONTENT)


def _state(setup: Setup) -> SetupState:
    settings, door = setup.settings, setup.door
    device = settings.device
    return SetupState(
        unit=device.unit,
        counter=device.counter,
        device=device.device,
        file=str(setup.path),
        cameras=tuple(view.camera.name for view in settings.views()),
        zones=tuple(map(_zone, settings.zones)),
        detector=settings.vision.detector,
        expression=settings.vision.expression,
        people=settings.vision.people,
        models=_models(setup.models),
        can_restore=previous_of(setup.path).exists(),
        ends_in_s=max(0.0, door.began_s + door.lasts_s - time.monotonic()),
    )


def _zone(zone: ZoneSettings) -> ZoneIn:
    return ZoneIn(
        name=zone.name,
        kind=zone.kind,
        polygon=zone.polygon,
        counter=zone.counter,
        camera=zone.camera,
        begin=zone.begin,
    )


def _models(folder: Path | None) -> tuple[ModelChoice, ...]:
    registry = open_registry(folder)
    return tuple(
        ModelChoice(name=one.manifest.name, task=one.manifest.task.value)
        for one in registry.statuses()
        if one.file is not None
    )


def _zones_seen(settings: EdgeSettings, camera: str) -> list[Zone]:
    return [
        zone.zone() for zone in settings.zones if (zone.camera or settings.camera.name) == camera
    ]


def _change(body: SettingsIn) -> Change:
    vision = {"detector": body.detector, "expression": body.expression, "people": body.people}
    return Change(zones=[zone.as_toml() for zone in body.zones], sections={"vision": vision})


async def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status.HTTP_422_UNPROCESSABLE_CONTENT)
