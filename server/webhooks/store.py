"""Keeps webhooks, the newest figures of each scope, and the messages that are on their way."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.errors import Conflict, NotFound
from server.periods import today
from server.scopes import Scope, ScopeKind
from server.units.store import read_tree
from server.webhooks.figures import ScopeFigures
from server.webhooks.signatures import new_secret
from server.webhooks.webhooks import (
    FORMER_SECRET_FOR,
    MOST_SCOPES,
    DeadMessage,
    Message,
    Receiver,
    StoredFigures,
    WebhookListed,
    body_of,
)

KEPT_DEAD = 1_000

_SQL = statements("server.webhooks", "webhooks.sql")


async def add_webhook(
    connection: AsyncConnection, *, name: str, address: str, scope: Scope, now: datetime
) -> str:
    """Return the secret of a new webhook; raise Conflict for a name in use, NotFound for a unit."""
    if scope.kind is not ScopeKind.PROVINCE:
        await _scopes_below(connection, scope, now)
    secret = new_secret()
    row = {"id": uuid.uuid4(), "name": name, "address": address, "scope": str(scope)}
    try:
        async with connection.transaction():
            await connection.execute(_SQL["add"], row | {"secret": secret})
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(f"webhook {name!r} exists already; take another name") from error
    return secret


async def list_webhooks(connection: AsyncConnection) -> list[WebhookListed]:
    """Return every webhook by name."""
    cursor = connection.cursor(row_factory=class_row(WebhookListed))
    return await (await cursor.execute(_SQL["webhooks"])).fetchall()


async def remove_webhook(connection: AsyncConnection, name: str) -> None:
    """Remove a webhook with its messages; raise NotFound."""
    await _one(connection, "remove", name, {})


async def enable_webhook(connection: AsyncConnection, name: str) -> None:
    """Let a webhook begin anew; raise NotFound."""
    await _one(connection, "enable", name, {})


async def change_secret(connection: AsyncConnection, name: str, now: datetime) -> str:
    """Return a new secret, beside which the former one signs for a day; raise NotFound."""
    secret = new_secret()
    await _one(
        connection,
        "change_secret",
        name,
        {"secret": secret, "former_ends_at": now + FORMER_SECRET_FOR},
    )
    return secret


async def list_dead(connection: AsyncConnection, name: str) -> list[DeadMessage]:
    """Return what was given up of a webhook, newest first."""
    cursor = connection.cursor(row_factory=class_row(DeadMessage))
    return await (await cursor.execute(_SQL["dead_messages"], {"name": name})).fetchall()


async def read_dead(
    connection: AsyncConnection, name: str, message: uuid.UUID, now: datetime
) -> tuple[Receiver, Message]:
    """Return a message that was given up, and to whom it goes; raise NotFound."""
    receiver = await _receiver(connection, now, name=name)
    if receiver is None:
        raise NotFound(f"there is no webhook {name!r} that is enabled")
    cursor = connection.cursor(row_factory=class_row(Message))
    of = {"id": receiver.id, "message": message}
    found = await (await cursor.execute(_SQL["dead_message"], of)).fetchone()
    if found is None:
        raise _no_message(name, message)
    return receiver, found


async def remove_dead(connection: AsyncConnection, name: str, message: uuid.UUID) -> None:
    """Remove a message that was given up; raise NotFound."""
    of = {"name": name, "message": message}
    if await (await connection.execute(_SQL["remove_dead"], of)).fetchone() is None:
        raise _no_message(name, message)


async def any_enabled(connection: AsyncConnection) -> bool:
    """Return whether anybody is to be told."""
    row = await (await connection.execute(_SQL["any_enabled"])).fetchone()
    return row is not None and bool(row[0])


async def store_figures(connection: AsyncConnection, figures: Sequence[ScopeFigures]) -> None:
    """Keep these figures where they are others than before."""
    columns = {
        "scope": [each.scope for each in figures],
        "computed_at": [each.computed_at for each in figures],
        "readings": [each.readings for each in figures],
    }
    await connection.execute(_SQL["store_figures"], columns)


async def forget_figures(connection: AsyncConnection, scopes: Collection[str]) -> None:
    """Forget the figures of all scopes but these."""
    await connection.execute(_SQL["forget_figures"], {"scopes": sorted(scopes)})


async def webhooks_behind(connection: AsyncConnection) -> list[uuid.UUID]:
    """Return for which webhooks there is something newer."""
    return [row[0] for row in await (await connection.execute(_SQL["behind"])).fetchall()]


async def defer_behind(connection: AsyncConnection) -> None:
    """Queue a job of `webhooks.deliver` for each of them that has none yet."""
    await connection.execute(_SQL["defer_behind"])


async def next_message(
    connection: AsyncConnection, webhook: uuid.UUID, now: datetime, *, lease_s: float
) -> tuple[Receiver, Message] | None:
    """Return the message that waits, else one made of what is newer; None where nothing is.

    It is stored, so that every attempt to send it is the same, and taken for `lease_s` seconds,
    unless somebody else has taken it: then it has no `taken_until`.
    """
    receiver = await _receiver(connection, now, webhook=webhook)
    if receiver is None:
        return None
    messages = connection.cursor(row_factory=class_row(Message))
    of = {"id": webhook, "lease_s": lease_s}
    waiting = await (await messages.execute(_SQL["open_message"], of)).fetchone()
    if waiting is None:
        waiting = await _make_message(connection, receiver, now, lease_s)
    return None if waiting is None else (receiver, waiting)


async def note_delivered(connection: AsyncConnection, message: uuid.UUID, now: datetime) -> None:
    """Forget a message that has arrived, and keep how far its receiver is."""
    await connection.execute(_SQL["delivered"], {"message": message, "now": now})


async def note_failed(
    connection: AsyncConnection, message: Message, problem: str, now: datetime
) -> bool:
    """Keep why a message has not arrived; return False where another has taken it meanwhile."""
    values = {"message": message.id, "problem": problem, "now": now}
    values["taken_until"] = message.taken_until
    return (await connection.execute(_SQL["failed"], values)).rowcount > 0


async def give_up(
    connection: AsyncConnection, webhook: uuid.UUID, message: uuid.UUID, now: datetime
) -> None:
    """Put a message aside; the next one tells its receiver everything anew."""
    await connection.execute(_SQL["give_up"], {"message": message, "now": now})
    await connection.execute(_SQL["forget_dead"], {"id": webhook, "keep": KEPT_DEAD})


async def disable_webhook(
    connection: AsyncConnection,
    now: datetime,
    *,
    name: str | None = None,
    webhook: uuid.UUID | None = None,
    problem: str | None = None,
) -> None:
    """Send nothing more to a webhook; raise NotFound where there is none that is enabled."""
    of = {"name": name, "id": webhook, "now": now, "problem": problem}
    if await (await connection.execute(_SQL["disable"], of)).fetchone() is None:
        raise NotFound(f"there is no webhook {name or webhook} that is enabled")


async def _one(
    connection: AsyncConnection, statement: str, name: str, values: dict[str, object]
) -> None:
    cursor = await connection.execute(_SQL[statement], values | {"name": name})
    if await cursor.fetchone() is None:
        raise NotFound(f"webhook {name!r} is not known; GET /api/v1/webhooks lists all")


async def _receiver(
    connection: AsyncConnection,
    now: datetime,
    *,
    name: str | None = None,
    webhook: uuid.UUID | None = None,
) -> Receiver | None:
    cursor = connection.cursor(row_factory=class_row(Receiver))
    of = {"id": webhook, "name": name, "now": now}
    return await (await cursor.execute(_SQL["receiver"], of)).fetchone()


async def _scopes_below(
    connection: AsyncConnection, scope: Scope, now: datetime
) -> list[str] | None:
    """Return the scopes whose figures a receiver of `scope` gets; None for all."""
    if scope.unit is None:
        return None
    tree = await read_tree(connection, today(now))
    if scope.unit not in tree.units:
        raise NotFound(f"unit {scope.unit!r} is not known; GET /api/v1/units lists them")
    return [str(Scope.subtree(unit)) for unit in tree.below(scope.unit)]


async def _make_message(
    connection: AsyncConnection, receiver: Receiver, now: datetime, lease_s: float
) -> Message | None:
    try:
        scopes = await _scopes_below(connection, Scope.parse(receiver.scope), now)
    except NotFound:
        scopes = []  # the unit has left the tree
    cursor = connection.cursor(row_factory=class_row(StoredFigures))
    wanted = {"after": receiver.after, "scopes": scopes, "most": MOST_SCOPES}
    figures = await (await cursor.execute(_SQL["newer_figures"], wanted)).fetchall()
    if not figures:
        await connection.execute(_SQL["skip_all"], {"id": receiver.id})
        return None
    values = {"message": uuid.uuid4(), "id": receiver.id, "body": body_of(figures, now), "now": now}
    values |= {"up_to": figures[-1].revision, "lease_s": lease_s}
    made = connection.cursor(row_factory=class_row(Message))
    return await (await made.execute(_SQL["add_message"], values)).fetchone()


def _no_message(name: str, message: uuid.UUID) -> NotFound:
    return NotFound(f"webhook {name!r} has no message {message} that was given up")
