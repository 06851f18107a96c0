"""The snapshot and the stream of a scope."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import (
    APIRouter,
    Depends,
    Header,
    Query,
    Request,
    Response,
    WebSocket,
    WebSocketDisconnect,
)
from starlette.requests import HTTPConnection
from starlette.responses import StreamingResponse

from contract.readings import Update
from server.access.authentication import Authenticator, authenticator_of
from server.access.guard import At, allow
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN, Documented
from server.access.rights import Right
from server.errors import DatabaseAway, NotFound, ScopeInvalid, ServerError, SignInNeeded
from server.live.events import CHECKED_EVERY_S, EventStream, events
from server.live.fanout import Subscription
from server.live.live import Live
from server.scopes import Scope, ScopeKind
from server.web.conditional import answer_unless_held

READS = allow(Right.READ_FIGURES, At.SCOPE)

UNKNOWN_SCOPE = 4404
"""The WebSocket's code for a scope that is not known, or not any more."""

NOT_ALLOWED = 4403
"""The WebSocket's code for who was allowed to look, and is not any more."""

_EVENTS: Documented = {
    200: {
        "description": "Events of type `update`; the data of each is an `Update`.",
        "content": {EventStream.media_type: {"schema": {"type": "string"}}},
    }
}

router = APIRouter(prefix="/api/v1", tags=["live"])


async def live_of(connection: HTTPConnection) -> Live:
    """Return the application's live figures."""
    live = connection.app.state.live
    assert isinstance(live, Live)
    return live


async def scope_of(
    scope: Annotated[str, Query(description="province, or subtree:UNIT.")] = "province",
) -> Scope:
    """Return the scope asked for; raise ScopeInvalid for one that is not kept current."""
    return kept_current(scope)


def kept_current(scope: str) -> Scope:
    """Return the scope of this text; raise ScopeInvalid for one that is not kept current."""
    parsed = Scope.parse(scope)
    if parsed.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE):
        raise ScopeInvalid(
            f"{scope!r} is not kept current: take province or subtree:UNIT, or GET /api/v1/readings"
        )
    return parsed


@router.get(
    "/snapshot",
    response_model=Update,
    responses=UNKNOWN | REFUSED | UNAVAILABLE | UNCHANGED,
    dependencies=[Depends(READS)],
)
async def snapshot(
    request: Request,
    scope: Annotated[Scope, Depends(scope_of)],
    live: Annotated[Live, Depends(live_of)],
) -> Response:
    """The readings of now and of today of a scope and of the units within it.

    Its `ETag` is that of the revision: who sends it as `If-None-Match` is told whether it changed.
    """
    cache = live.require_figures()
    tag = f'"{cache.revision}"'
    try:
        body = live.fanout.wholes.of(scope)
    except KeyError as error:
        raise _unknown(scope) from error
    return answer_unless_held(request, body.encode(), tag)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses=_EVENTS | UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(READS)],
)
async def server_sent_events(
    request: Request,
    scope: Annotated[Scope, Depends(scope_of)],
    live: Annotated[Live, Depends(live_of)],
    auth: Annotated[Authenticator, Depends(authenticator_of)],
    last_event_id: Annotated[
        int | None, Header(description="The revision that the client holds.", ge=0)
    ] = None,
) -> EventStream:
    """The stream as Server-Sent Events: each `Update` is an event whose id is its revision."""
    try:
        live.require_figures().within(scope)
    except KeyError as error:
        raise _unknown(scope) from error

    async def may_go_on() -> bool:
        return await _refusal(request, auth) is None

    subscribing = live.fanout.subscribed(scope, last_event_id)
    return EventStream(events(subscribing, may_go_on), live.send_timeout_s)


@router.websocket("/stream", dependencies=[Depends(READS)])
async def stream(
    socket: WebSocket,
    live: Annotated[Live, Depends(live_of)],
    auth: Annotated[Authenticator, Depends(authenticator_of)],
    scope: str = "province",
    since: int | None = None,
) -> None:
    """Send `Update`s of a scope: first what it is, then what changes, at least every 5 s."""
    await socket.accept()
    try:
        parsed = kept_current(scope)
    except ScopeInvalid as error:
        await socket.close(UNKNOWN_SCOPE, str(error)[:120])
        return
    with live.fanout.subscribed(parsed, since) as subscription:
        tasks = {
            asyncio.create_task(_send(socket, subscription, live.send_timeout_s)),
            asyncio.create_task(_wait_until_gone(socket)),
            asyncio.create_task(_wait_until_refused(socket, auth)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


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


async def _wait_until_refused(socket: WebSocket, auth: Authenticator) -> None:
    """Close the stream once whoever opened it may not read the scope any more."""
    while True:
        await asyncio.sleep(CHECKED_EVERY_S)
        refused = await _refusal(socket, auth)
        if refused is not None:
            await socket.close(NOT_ALLOWED, str(refused)[:120])
            return


async def _refusal(connection: HTTPConnection, auth: Authenticator) -> ServerError | None:
    """Return why whoever opened a stream may not read its scope any more, None when it may."""
    try:
        return READS.refusal(connection, await auth.identify(connection))
    except SignInNeeded as error:
        return error
    except DatabaseAway:
        return None  # nobody can be asked: the figures stop as well, and say so


def _unknown(scope: Scope) -> NotFound:
    return NotFound(f"unit {scope.unit!r} is not known; GET /api/v1/units lists them")
