"""The kiosk's web application: the page, three calls, and what each failure answers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from uuid import UUID

import structlog
from fastapi import FastAPI, HTTPException, Request, Response, status
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from edge.errors import OutboxFull, StoreError
from edge.kiosk.bodies import RatingIn, ReasonsIn, State, Stored
from edge.kiosk.desk import REASONS_UP_TO, Desk
from edge.kiosk.guard import Guard
from edge.outbox import Outbox
from edge.settings import KioskSettings

REPORT_S = 10.0

log = structlog.get_logger()


def make_app(outbox: Outbox, *, device: str, settings: KioskSettings) -> FastAPI:
    """Return the application that stores ratings of `device` in `outbox`."""
    folder = Path(str(resources.files("edge.kiosk").joinpath("static")))
    desk = Desk(outbox, device=device, settings=settings, build=_digest(folder))

    @asynccontextmanager
    async def reporting(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_report_regularly(desk))
        yield
        task.cancel()

    app = FastAPI(
        title="Motcua kiosk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=reporting
    )
    app.add_middleware(Guard)
    app.add_exception_handler(StoreError, _answer_store_error)
    _add_calls(app, desk)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(folder / "index.html")

    app.mount("/static", StaticFiles(directory=folder))
    return app


def _add_calls(app: FastAPI, desk: Desk) -> None:
    @app.post("/api/v1/ratings", status_code=status.HTTP_201_CREATED)
    def rate(body: RatingIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        rating = desk.rate(body.id, body.score, body.language, now=now)
        if rating.observed_at != now:
            response.status_code = status.HTTP_200_OK  # it was stored before
        return Stored(id=rating.id, observed_at=rating.observed_at)

    @app.post("/api/v1/ratings/{identity}/reasons", status_code=status.HTTP_201_CREATED)
    def give_reasons(identity: UUID, body: ReasonsIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        rating = desk.rating(identity)
        if rating is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"no recent rating {identity}")
        if rating.score > REASONS_UP_TO:
            raise HTTPException(status.HTTP_409_CONFLICT, "a satisfied citizen gives no reasons")
        amendment = desk.give_reasons(rating, body.reasons, body.language, now=now)
        if amendment.observed_at != now:
            response.status_code = status.HTTP_200_OK
        return Stored(id=amendment.id, observed_at=amendment.observed_at)

    @app.get("/api/v1/state")
    def state() -> State:
        return desk.state(now=datetime.now(UTC))


async def _answer_store_error(_request: Request, error: Exception) -> JSONResponse:
    code = (
        status.HTTP_507_INSUFFICIENT_STORAGE
        if isinstance(error, OutboxFull)
        else status.HTTP_503_SERVICE_UNAVAILABLE
    )
    return JSONResponse({"detail": str(error)}, code)


async def _report_regularly(desk: Desk) -> None:
    failing = False
    while True:
        try:
            await asyncio.to_thread(desk.report)
            failing = False
        except StoreError as error:
            if not failing:
                log.error("status_not_stored", error=str(error))  # noqa: TRY400
            failing = True
        await asyncio.sleep(REPORT_S)


def _digest(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
