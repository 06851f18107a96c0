"""Background jobs of webhooks: each receiver's messages in order, tried again until they arrive."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued
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

LOOKED_EVERY_S = 0.5
"""A job that waited for the one before it is not announced when that ends: it has to be found."""

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
        while await deliver_next(database, client, uuid.UUID(webhook), settings):
            pass


async def defer(app: App, webhooks: Iterable[uuid.UUID]) -> None:
    """Have what waits for these webhooks sent; one whose job waits already is left as it is."""
    for webhook in webhooks:
        name = f"{_TASK} {webhook}"
        task = app.configure_task(_TASK, lock=name, queueing_lock=name, queue=QUEUE)
        try:
            await task.defer_async(webhook=str(webhook))
        except AlreadyEnqueued:
            continue


async def deliver_next(
    database: Database, client: httpx.AsyncClient, webhook: uuid.UUID, settings: WebhookSettings
) -> bool:
    """Send the next message; return whether there was one. Raises NotDelivered."""
    async with database.write() as connection:
        found = await store.next_message(connection, webhook, datetime.now(UTC))
    if found is None:
        return False
    receiver, message = found
    outcome = await send(client, receiver, message, settings)
    await _note(database, receiver, message, outcome, settings)
    if outcome.gone:
        return False
    if outcome.problem is not None:
        wait_s = pause_s(message.attempts + 1) if outcome.wait_s is None else outcome.wait_s
        raise NotDelivered(f"{receiver.name}: {outcome.problem}", wait_s)
    return True


async def _note(
    database: Database,
    receiver: Receiver,
    message: Message,
    outcome: Outcome,
    settings: WebhookSettings,
) -> None:
    now = datetime.now(UTC)
    async with database.write() as connection:
        if outcome.problem is None:
            await store.note_delivered(connection, message.id, now)
            return
        await store.note_failed(connection, message.id, outcome.problem, now)
        if outcome.gone:
            await store.give_up(connection, receiver.id, message.id, now)
            await store.disable_webhook(
                connection, now, webhook=receiver.id, problem=outcome.problem
            )
        elif now - message.created_at > timedelta(hours=settings.tried_for_h):
            await store.give_up(connection, receiver.id, message.id, now)
            log.warning("webhook_message_given_up", webhook=receiver.name, error=outcome.problem)
