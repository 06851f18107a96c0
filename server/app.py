"""Makes the API: REST, the stream and their documentation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from server.api.hub import Hub
from server.api.mirror import mirror
from server.api.routes import operations, readings, stream
from server.api.settings import ApiSettings
from server.api.swagger import add_docs
from server.errors import DatabaseAway, FiguresMissing

TITLE = "Motcua"
VERSION = "1"
DESCRIPTION = """Real-time service quality at one-stop public-service counters.

Figures that cannot be trusted are withheld with a reason, never shown as zero. The WebSocket
`/api/v1/stream` sends a `Snapshot` on connection, at every change (at most five a second) and at
least every five seconds."""


def create_app(database_url: str, settings: ApiSettings | None = None) -> FastAPI:
    """Return the application; it connects when it starts and heals when the database was away."""
    settings = settings or ApiSettings()
    hub = Hub(database_url, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with hub.running():
            yield

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    add_docs(app)
    app.include_router(readings(hub))
    app.include_router(stream(hub, settings))
    app.include_router(operations(hub, settings))
    app.include_router(mirror(settings.models))
    for missing in (DatabaseAway, FiguresMissing):
        app.add_exception_handler(missing, _unavailable)
    return app


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": "2"})
