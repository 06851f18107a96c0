"""The REST resources of version 1 and the WebSocket stream."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response, WebSocket, WebSocketDisconnect

from contract.readings import DeviceReading, KpiDefinition, Snapshot, UnitReadings
from server.api.hub import Hub
from server.api.resources import Health, Problem, QuarantineEntry, read_quarantine
from server.api.settings import ApiSettings
from server.api.subscription import Subscription
from server.errors import DatabaseAway
from server.kpi.catalogue import DEFINITIONS

NEWEST = 2**63 - 1
"""Above every quarantine id."""

_MISSING: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "The database is away, or there are no figures yet."}
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such unit."}
}


def readings(hub: Hub) -> APIRouter:
    """Return the routes of KPIs, all taken from the hub's newest snapshot."""
    router = APIRouter(prefix="/api/v1", tags=["KPIs"])

    @router.get("/catalogue", response_model=list[KpiDefinition])
    async def catalogue() -> Response:
        """The KPI catalogue: what each figure means and when it is withheld."""
        return _json(msgspec.json.encode(DEFINITIONS))

    @router.get("/snapshot", response_model=Snapshot, responses=_MISSING)
    async def snapshot() -> Response:
        """Everything a wall shows; the stream sends the same object."""
        return _json(hub.current().text)

    @router.get("/units", response_model=list[UnitReadings], responses=_MISSING)
    async def units() -> Response:
        """The readings of every unit that is valid today."""
        return _json(msgspec.json.encode(hub.current().snapshot.units))

    @router.get("/units/{unit}", response_model=UnitReadings, responses=_UNKNOWN | _MISSING)
    async def unit_readings(unit: str) -> Response:
        """The readings of one unit with everything below it, or of `province`."""
        return _json(msgspec.json.encode(_readings_of(unit, hub.current().snapshot)))

    return router


def operations(hub: Hub, settings: ApiSettings) -> APIRouter:
    """Return the routes about devices, refused messages, and the health of this process."""
    router = APIRouter(tags=["operation"])

    @router.get("/api/v1/devices", response_model=list[DeviceReading], responses=_MISSING)
    async def devices() -> Response:
        """Every known device with its latest health."""
        return _json(msgspec.json.encode(hub.current().snapshot.devices))

    @router.get("/api/v1/quarantine", responses=_MISSING)
    async def quarantine(
        before: Annotated[int, Query(ge=1, description="Only entries with a smaller id.")] = NEWEST,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[QuarantineEntry]:
        """Messages that could not be understood, the newest first."""
        page = partial(read_quarantine, before=before, limit=limit)
        try:
            return await hub.database.ask(page, within_s=settings.answer_s)
        except DatabaseAway as error:
            raise DatabaseAway(
                "the database is away or gives no answer; try again in a few seconds"
            ) from error

    @router.get("/healthz", responses={503: {"model": Health}})
    async def healthz(response: Response) -> Health:
        """200 while figures can be served and the database answers, else 503."""
        answers, ready = await hub.database_answers(), hub.figures_ready()
        if not (answers and ready):
            response.status_code = 503
        return Health(
            status="ok" if answers and ready else "degraded",
            database="ok" if answers else "away",
            figures="ok" if ready else "missing",
            clients=hub.clients,
        )

    return router


def stream(hub: Hub, settings: ApiSettings) -> APIRouter:
    """Return the WebSocket route: a snapshot at once, at every change, and every few seconds."""
    router = APIRouter()

    @router.websocket("/api/v1/stream")
    async def snapshots(socket: WebSocket) -> None:
        await socket.accept()
        async with hub.subscribed() as subscription:
            sending = asyncio.create_task(_send(socket, subscription, settings.send_timeout_s))
            leaving = asyncio.create_task(_wait_until_gone(socket))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)

    return router


def _readings_of(unit: str, snapshot: Snapshot) -> UnitReadings:
    for found in (snapshot.province, *snapshot.units):
        if found.unit == unit:
            return found
    raise HTTPException(404, f"unit {unit!r} is not known; GET /api/v1/units lists them")


async def _send(socket: WebSocket, subscription: Subscription, timeout_s: float) -> None:
    """Send snapshots; a client that does not take one in time is cut off, and only that client."""
    while True:
        text = await subscription.next()
        await asyncio.wait_for(socket.send_text(text), timeout_s)


async def _wait_until_gone(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


def _json(content: bytes | str) -> Response:
    return Response(content, media_type="application/json")
