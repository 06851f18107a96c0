"""Background jobs of webhooks: each receiver's messages in order, tried again until they arrive."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from server.db.pool import Database
from server.errors import ServerError
from server.webhooks import store
from server.webhooks.delivery import Outcome, new_client, send
from server.webhooks.settings import WebhookSettings
from server.webhooks.webhooks import Message, Receiver, pause_s

QUEUE = "webhooks"
"""A queue of its own: receivers that let us wait keep no other job waiting."""

DELIVERIES = 20
"""How many receivers are sent to at the same time."""

LOOKED_EVERY_S = 0.2
"""A job that waited for the one before it is not announced when that ends: it has to be found."""

_TAKEN_S = 5
"""A message that another worker sends is looked for again so much later."""

_TASK = "webhooks.deliver"

log = structlog.get_logger()


class NotDelivered(ServerError):
    """A message has not arrived; the job is to be tried again after `wait_s`."""

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _Patience(BaseRetryStrategy):
    """Tries again what has not arrived; the job itself gives up messages that are too old."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        del job
        wait_s = exception.wait_s if isinstance(exception, NotDelivered) else pause_s(1)
        return RetryDecision(retry_in={"seconds": wait_s})


def register(app: App, database: Database, settings: WebhookSettings) -> None:
    """Add the webhooks' task to `app`."""
    client = new_client()  # one for all: to read the certificates that are trusted takes a while

    @app.task(name=_TASK, queue=QUEUE, retry=_Patience())
    async def deliver(webhook: str) -> None:
        await deliver_all(database, client, uuid.UUID(webhook), settings)


async def deliver_all(
    database: Database, client: httpx.AsyncClient, webhook: uuid.UUID, settings: WebhookSettings
) -> int:
    """Send what waits for a receiver, one message after another; return how many have arrived.

    Raises NotDelivered for one that is to be tried again, and for one that another worker sends.
    That a message has arrived and which is the next are one transaction: twenty receivers share
    the few connections of a worker.
    """
    async with database.write() as connection:
        now = datetime.now(UTC)
        found = await store.next_message(connection, webhook, now, lease_s=settings.lease_s)
    delivered = 0
    while found is not None:
        receiver, message = found
        if message.taken_until is None:
            raise NotDelivered(f"{receiver.name}: another worker sends this message", _TAKEN_S)
        outcome = await send(client, receiver, message, settings)
        if outcome.problem is not None:
            await _note_failed(database, receiver, message, outcome, settings)
            break
        async with database.write() as connection:
            now = datetime.now(UTC)
            await store.note_delivered(connection, message.id, now)
            found = await store.next_message(connection, webhook, now, lease_s=settings.lease_s)
        delivered += 1
    return delivered


async def _note_failed(
    database: Database,
    receiver: Receiver,
    message: Message,
    outcome: Outcome,
    settings: WebhookSettings,
) -> None:
    """Keep why a message has not arrived; raise NotDelivered unless the receiver has gone."""
    problem, now = outcome.problem or "", datetime.now(UTC)
    async with database.write() as connection:
        noted = await store.note_failed(connection, message, problem, now)
        if not noted:
            log.warning("webhook_message_lost_to_another", message=str(message.id))
        elif outcome.gone:
            await store.give_up(connection, receiver.id, message.id, now)
            await store.disable_webhook(connection, now, webhook=receiver.id, problem=problem)
            return
        elif now - message.created_at > timedelta(hours=settings.tried_for_h):
            await store.give_up(connection, receiver.id, message.id, now)
            log.warning("webhook_message_given_up", webhook=receiver.name, error=problem)
    wait_s = pause_s(message.attempts + 1) if outcome.wait_s is None else outcome.wait_s
    raise NotDelivered(f"{receiver.name}: {problem}", wait_s)
