"""The addresses at which a desk page's links fetch files: the API's, handed on as they are."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from dashboards.api.rest import RestClient
from dashboards.errors import ApiRefused, DashboardsError, NotAllowed, NotSignedIn
from dashboards.look.texts import tell
from runtime.root_path import below_root

FILES = "/files/"
OFFERED = ("reports", "exports")


def address_of(kind: str, id_: str) -> str:
    """Return where a finished file is fetched."""
    return below_root(f"{FILES}{kind}/{id_}")


def add_files(server: FastAPI, api: RestClient) -> None:
    """Serve the files of reports and exports to whoever may have them."""
    for kind in OFFERED:
        server.add_api_route(f"{FILES}{kind}/{{id_}}", _fetch(api, kind))


def _fetch(api: RestClient, kind: str) -> Callable[[uuid.UUID], Awaitable[Response]]:
    async def fetch(id_: uuid.UUID) -> Response:
        try:
            headers, parts = await api.file(f"/{kind}/{id_}/file")
        except DashboardsError as error:
            return PlainTextResponse(tell("files.away"), _status(error))
        return StreamingResponse(parts, headers=headers)

    return fetch


def _status(error: DashboardsError) -> int:
    if isinstance(error, NotSignedIn):
        return 401
    if isinstance(error, NotAllowed):
        return 403
    return 404 if isinstance(error, ApiRefused) else 503
