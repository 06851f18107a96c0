"""Whether this process can answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from contract.readings import ServerState
from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import Reader, ReadSession
from server.devices.store import read_server_state
from server.errors import DatabaseAway
from server.live.live import Live
from server.live.routes import live_of

router = APIRouter(tags=["operation"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the API can answer, and how many stream clients it has.

    `figures` are missing right after the start, while the database is away, and when computing
    them fails. `server` is missing while the database is away; its alarms make the status
    `degraded`, but not the answer a failure: figures are served.
    """

    status: Literal["ok", "degraded"]
    database: Literal["ok", "away"]
    figures: Literal["ok", "missing"]
    clients: int
    server: ServerState | None = None


@router.get(
    "/api/v1/health",
    responses={503: {"model": Health}},
    dependencies=[Depends(allow(Right.READ_HEALTH))],
)
@router.get(
    "/healthz",
    responses={503: {"model": Health}},
    dependencies=[Depends(allow(Right.READ_HEALTH))],
)
async def healthz(
    response: Response, session: ReadSession, live: Annotated[Live, Depends(live_of)]
) -> Health:
    """200 while figures can be served and the database answers, else 503."""
    server, ready = await _server_state(session), live.figures_ready()
    answers = server is not None
    if not (answers and ready):
        response.status_code = 503
    return Health(
        status="ok" if server is not None and ready and not server.alarms else "degraded",
        database="ok" if answers else "away",
        figures="ok" if ready else "missing",
        clients=live.fanout.clients,
        server=server,
    )


async def _server_state(session: Reader) -> ServerState | None:
    with suppress(DatabaseAway):
        return await session.run(read_server_state)
    return None
