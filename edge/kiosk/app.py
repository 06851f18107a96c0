"""The kiosk's web application: the page, three calls, and what each failure answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import structlog
from fastapi import FastAPI, HTTPException, Request, Response, status
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from edge.errors import OutboxFull, StoreError
from edge.kiosk.page import STATIC_FOLDER, page_digest, render_page
from edge.kiosk.ratings import REASONS_UP_TO, RatingService
from edge.kiosk.schemas import PageState, RatingIn, ReasonsIn, Stored
from edge.kiosk.security import SecurityMiddleware
from edge.settings import KioskSettings
from edge.store.outbox import Outbox

STATUS_EVERY_S = 10.0

log = structlog.get_logger()


def make_app(
    outbox: Outbox, *, device: str, settings: KioskSettings, counter: str = "counter-1"
) -> FastAPI:
    """Return the application that stores ratings of `device` at `counter` in `outbox`."""
    html = render_page()
    service = RatingService(
        outbox, device=device, counter=counter, settings=settings, build=page_digest(html)
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_put_status_regularly(service))
        yield
        task.cancel()

    app = FastAPI(
        title="Motcua kiosk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.add_middleware(SecurityMiddleware, hosts=settings.hosts, on_refusal=service.refuse_page)
    app.add_exception_handler(StoreError, _answer_store_error)
    _add_calls(app, service)

    @app.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(html)

    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))
    return app


def _add_calls(app: FastAPI, service: RatingService) -> None:
    @app.post("/api/v1/ratings", status_code=status.HTTP_201_CREATED)
    def rate(body: RatingIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        _refuse_other_counters(service, body.counter)
        rating = service.rate(body.id, body.score, body.language, now=now, counter=body.counter)
        if rating.observed_at != now:
            response.status_code = status.HTTP_200_OK  # it was stored before
        return Stored(id=rating.id, observed_at=rating.observed_at)

    @app.post("/api/v1/ratings/{identity}/reasons", status_code=status.HTTP_201_CREATED)
    def give_reasons(identity: UUID, body: ReasonsIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        rating = service.rating(identity)
        if rating is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"no recent rating {identity}")
        if rating.score > REASONS_UP_TO:
            raise HTTPException(status.HTTP_409_CONFLICT, "a satisfied citizen gives no reasons")
        amendment = service.give_reasons(rating, body.reasons, body.language, now=now)
        if amendment.observed_at != now:
            response.status_code = status.HTTP_200_OK
        return Stored(id=amendment.id, observed_at=amendment.observed_at)

    @app.get("/api/v1/state")
    def state(counter: str | None = None) -> PageState:
        return service.state(now=datetime.now(UTC), counter=counter)


def _refuse_other_counters(service: RatingService, counter: str | None) -> None:
    if not service.is_served(counter):
        raise HTTPException(
            status.HTTP_422_UNPROCESSABLE_CONTENT,
            f"counter {counter} is not one of [kiosk] counters",
        )


async def _answer_store_error(_request: Request, error: Exception) -> JSONResponse:
    code = (
        status.HTTP_507_INSUFFICIENT_STORAGE
        if isinstance(error, OutboxFull)
        else status.HTTP_503_SERVICE_UNAVAILABLE
    )
    return JSONResponse({"detail": str(error)}, code)


async def _put_status_regularly(service: RatingService) -> None:
    failing = False
    while True:
        try:
            await asyncio.to_thread(service.put_status)
            failing = False
        except StoreError as error:
            if not failing:
                log.error("status_not_stored", error=str(error))  # noqa: TRY400
            failing = True
        await asyncio.sleep(STATUS_EVERY_S)
