"""Whether this process can answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import Reader, ReadSession
from server.db.pool import ping
from server.errors import DatabaseAway
from server.live.live import Live
from server.live.routes import live_of

router = APIRouter(tags=["operation"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the API can answer, and how many stream clients it has.

    `figures` are missing right after the start, while the database is away, and when computing
    them fails.
    """

    status: Literal["ok", "degraded"]
    database: Literal["ok", "away"]
    figures: Literal["ok", "missing"]
    clients: int


@router.get(
    "/healthz",
    responses={503: {"model": Health}},
    dependencies=[Depends(allow(Right.READ_HEALTH))],
)
async def healthz(
    response: Response, session: ReadSession, live: Annotated[Live, Depends(live_of)]
) -> Health:
    """200 while figures can be served and the database answers, else 503."""
    answers, ready = await _answers(session), live.figures_ready()
    if not (answers and ready):
        response.status_code = 503
    return Health(
        status="ok" if answers and ready else "degraded",
        database="ok" if answers else "away",
        figures="ok" if ready else "missing",
        clients=live.fanout.clients,
    )


async def _answers(session: Reader) -> bool:
    with suppress(DatabaseAway):
        await session.run(ping)
        return True
    return False
