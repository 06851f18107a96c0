"""The snapshot and the stream of a scope."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection

from contract.readings import Update, encode
from server.access.guard import allow
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.errors import NotFound, ScopeInvalid
from server.live.fanout import Subscription, whole_update
from server.live.live import Live
from server.scopes import Scope, ScopeKind

UNKNOWN_SCOPE = 4404
"""The WebSocket's code for a scope that is not known, or not any more."""

router = APIRouter(prefix="/api/v1", tags=["live"])


def live_of(connection: HTTPConnection) -> Live:
    """Return the application's live figures."""
    live = connection.app.state.live
    assert isinstance(live, Live)
    return live


def scope_of(
    scope: Annotated[str, Query(description="province, or subtree:UNIT.")] = "province",
) -> Scope:
    """Return the scope asked for; raise ScopeInvalid for one that is not kept current."""
    parsed = Scope.parse(scope)
    if parsed.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE):
        raise ScopeInvalid(
            f"{scope!r} is not kept current: take province or subtree:UNIT, or GET /api/v1/readings"
        )
    return parsed


@router.get(
    "/snapshot",
    response_model=Update,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def snapshot(
    scope: Annotated[Scope, Depends(scope_of)], live: Annotated[Live, Depends(live_of)]
) -> Response:
    """The readings of now and of today of a scope and of the units within it."""
    cache = live.require_figures()
    try:
        update = whole_update(cache, scope)
    except KeyError as error:
        raise _unknown(scope) from error
    return Response(encode(update), media_type="application/json")


@router.websocket("/stream", dependencies=[Depends(allow(Right.READ_FIGURES))])
async def stream(
    socket: WebSocket,
    live: Annotated[Live, Depends(live_of)],
    scope: str = "province",
    since: int | None = None,
) -> None:
    """Send `Update`s of a scope: first what it is, then what changes, at least every 5 s."""
    await socket.accept()
    try:
        parsed = scope_of(scope)
    except ScopeInvalid as error:
        await socket.close(UNKNOWN_SCOPE, str(error)[:120])
        return
    with live.fanout.subscribed(parsed, since) as subscription:
        sending = asyncio.create_task(_send(socket, subscription, live.send_timeout_s))
        leaving = asyncio.create_task(_wait_until_gone(socket))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send(socket: WebSocket, subscription: Subscription, timeout_s: float) -> None:
    """Send messages; a client that does not take one in time is cut off, and only that client."""
    while True:
        try:
            text = await subscription.next()
        except KeyError:
            await socket.close(UNKNOWN_SCOPE, "there is no such unit")
            return
        await asyncio.wait_for(socket.send_text(text), timeout_s)


async def _wait_until_gone(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


def _unknown(scope: Scope) -> NotFound:
    return NotFound(f"unit {scope.unit!r} is not known; GET /api/v1/units lists them")
