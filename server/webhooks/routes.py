"""Webhooks over REST, for administrators."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import OwnSession, WriteSession
from server.audit.entries import Action
from server.errors import ScopeInvalid
from server.scopes import PROVINCE, Scope, ScopeKind
from server.web.paging import Paged
from server.webhooks import store
from server.webhooks.addresses import LONGEST, resolve
from server.webhooks.delivery import new_client, send
from server.webhooks.settings import WebhookSettings
from server.webhooks.webhooks import DeadMessage, WebhookListed

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

READS = Depends(allow(Right.READ_WEBHOOKS))
WRITES = Depends(allow(Right.WRITE_WEBHOOKS))
_NAMED = UNKNOWN | REFUSED | UNAVAILABLE


class WebhookRequest(BaseModel):
    """A receiver: where it is, and of which place it is told."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    address: str = Field(max_length=LONGEST)
    scope: str = Field(default=str(PROVINCE), max_length=200)


class Secret(BaseModel):
    """What messages are signed with; shown this once."""

    secret: str


class Sent(BaseModel):
    """How sending ended: without a problem the receiver has the message."""

    problem: str | None


def settings_of(connection: HTTPConnection) -> WebhookSettings:
    """Return the application's settings of webhooks."""
    settings = connection.app.state.webhooks
    assert isinstance(settings, WebhookSettings)
    return settings


Settings = Annotated[WebhookSettings, Depends(settings_of)]


@router.get("", responses=UNAVAILABLE, dependencies=[READS])
async def webhooks(page: Paged, session: OwnSession) -> list[WebhookListed]:
    """Every webhook: what it was sent, what waits, and what went wrong last."""
    return page.following(await session.run(store.list_webhooks), lambda each: each.name)


@router.post("", status_code=201, responses=_NAMED | EXISTS, dependencies=[WRITES])
async def add_webhook(
    asked: WebhookRequest, session: WriteSession, recorder: Rec, settings: Settings
) -> Secret:
    """Tell a receiver of every change from now on, beginning with everything."""
    scope = _scope(asked.scope)
    await resolve(asked.address, settings.networks)

    async def write(connection: AsyncConnection) -> str:
        await recorder.note(
            connection, Action.WEBHOOK_ADDED, asked.name, address=asked.address, scope=str(scope)
        )
        return await store.add_webhook(
            connection,
            name=asked.name,
            address=asked.address,
            scope=scope,
            now=datetime.now(UTC),
        )

    return Secret(secret=await session.run(write))


@router.delete("/{name}", status_code=204, responses=_NAMED, dependencies=[WRITES])
async def remove_webhook(name: str, session: WriteSession, recorder: Rec) -> Response:
    """Remove a webhook with everything that waits for it."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.WEBHOOK_REMOVED, name)
        await store.remove_webhook(connection, name)

    await session.run(write)
    return Response(status_code=204)


@router.post("/{name}/disable", status_code=204, responses=_NAMED, dependencies=[WRITES])
async def disable_webhook(name: str, session: WriteSession, recorder: Rec) -> Response:
    """Send nothing more until it is enabled."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.WEBHOOK_DISABLED, name)
        await store.disable_webhook(connection, datetime.now(UTC), name=name)

    await session.run(write)
    return Response(status_code=204)


@router.post("/{name}/enable", status_code=204, responses=_NAMED, dependencies=[WRITES])
async def enable_webhook(name: str, session: WriteSession, recorder: Rec) -> Response:
    """Send again, beginning with everything."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.WEBHOOK_ENABLED, name)
        await store.enable_webhook(connection, name)

    await session.run(write)
    return Response(status_code=204)


@router.post("/{name}/secret", status_code=201, responses=_NAMED, dependencies=[WRITES])
async def change_secret(name: str, session: WriteSession, recorder: Rec) -> Secret:
    """Change what messages are signed with; for a day they bear both signatures."""

    async def write(connection: AsyncConnection) -> str:
        await recorder.note(connection, Action.WEBHOOK_SECRET_CHANGED, name)
        return await store.change_secret(connection, name, datetime.now(UTC))

    return Secret(secret=await session.run(write))


@router.get("/{name}/dead", responses=UNAVAILABLE, dependencies=[READS])
async def dead_messages(name: str, page: Paged, session: OwnSession) -> list[DeadMessage]:
    """What was given up, newest first."""
    found = await session.run(partial(store.list_dead, name=name))
    return page.following(found, lambda message: message.id)


@router.post("/{name}/dead/{message}/send", responses=_NAMED, dependencies=[WRITES])
async def send_dead(
    name: str,
    message: uuid.UUID,
    session: WriteSession,
    recorder: Rec,
    settings: Settings,
) -> Sent:
    """Send a message that was given up once more, as it was; it is gone when it arrives."""
    now = datetime.now(UTC)
    receiver, found = await session.run(
        partial(store.read_dead, name=name, message=message, now=now)
    )
    async with new_client() as client:
        outcome = await send(client, receiver, found, settings)

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.WEBHOOK_SENT_AGAIN, name, message=str(message))
        if outcome.problem is None:
            await store.note_delivered(connection, message, datetime.now(UTC))
        else:
            await store.note_failed(connection, found, outcome.problem, datetime.now(UTC))

    await session.run(write)
    return Sent(problem=outcome.problem)


@router.delete("/{name}/dead/{message}", status_code=204, responses=_NAMED, dependencies=[WRITES])
async def remove_dead(
    name: str, message: uuid.UUID, session: WriteSession, recorder: Rec
) -> Response:
    """Remove a message that was given up."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.WEBHOOK_MESSAGE_REMOVED, name, message=str(message))
        await store.remove_dead(connection, name, message)

    await session.run(write)
    return Response(status_code=204)


def _scope(text: str) -> Scope:
    scope = Scope.parse(text)
    if scope.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE):
        raise ScopeInvalid(f"{text!r} is not kept current: take province or subtree:UNIT")
    return scope
