"""The kiosk's web application: its pages, its calls, and what each failure answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from fastapi import FastAPI, Request, status
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from edge.errors import OutboxFull, StoreError
from edge.kiosk.officer_routes import add_officer_calls
from edge.kiosk.page import STATIC_FOLDER, page_digest, render_page
from edge.kiosk.presentation import Presentation
from edge.kiosk.rating_routes import add_rating_calls
from edge.kiosk.ratings import RatingService
from edge.kiosk.security import SecurityMiddleware
from edge.kiosk.sign_on import SignOnService
from edge.settings import KioskSettings
from edge.store.outbox import Outbox
from edge.store.prompts import PromptBook
from runtime.identity import Identity

UPKEEP_EVERY_S = 5.0

log = structlog.get_logger()


def make_presentation(
    outbox: Outbox, *, device: str, settings: KioskSettings, counter: str = "counter-1"
) -> Presentation:
    """Return what the pages of `device` and its buttons work on."""
    book = PromptBook(outbox=outbox, device=device, counter=counter)
    return Presentation(
        outbox=outbox,
        book=book,
        ratings=RatingService(outbox, book=book, settings=settings),
        sign_on=SignOnService(outbox=outbox, device=device, counter=counter, settings=settings),
        settings=settings,
        build=page_digest(*map(render_page, ("page.html", "officer.html"))),
    )


def make_app(
    outbox: Outbox,
    *,
    device: str,
    settings: KioskSettings,
    counter: str = "counter-1",
    presentation: Presentation | None = None,
) -> FastAPI:
    """Return the application that stores ratings of `device` at `counter` in `outbox`.

    Where buttons rate beside the page both share a `presentation`.
    """
    pages = {"/": render_page("page.html"), "/officer": render_page("officer.html")}
    shown = presentation or make_presentation(
        outbox, device=device, settings=settings, counter=counter
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_keep_up(shown))
        yield
        task.cancel()

    app = FastAPI(
        title="Motcua kiosk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.add_middleware(SecurityMiddleware, hosts=settings.hosts, on_refusal=shown.refuse_page)
    app.add_exception_handler(StoreError, _answer_store_error)
    add_rating_calls(app, shown)
    add_officer_calls(app, shown)

    @app.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(pages["/"])

    @app.get("/officer", include_in_schema=False)
    def officer() -> HTMLResponse:
        return HTMLResponse(pages["/officer"])

    emblem = Identity().emblem
    if emblem is not None:
        app.add_api_route("/emblem", lambda: FileResponse(emblem), include_in_schema=False)

    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))
    return app


async def _answer_store_error(_request: Request, error: Exception) -> JSONResponse:
    code = (
        status.HTTP_507_INSUFFICIENT_STORAGE
        if isinstance(error, OutboxFull)
        else status.HTTP_503_SERVICE_UNAVAILABLE
    )
    return JSONResponse({"detail": str(error)}, code)


async def _keep_up(shown: Presentation) -> None:
    failing = False
    while True:
        try:
            await asyncio.to_thread(shown.upkeep, now=datetime.now(UTC))
            failing = False
        except StoreError as error:
            if not failing:
                log.error("status_not_stored", error=str(error))  # noqa: TRY400
            failing = True
        await asyncio.sleep(UPKEEP_EVERY_S)
