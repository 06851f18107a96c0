"""Sends one message to one receiver, and tells how that ended."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from server.errors import AddressRefused
from server.webhooks.addresses import resolve
from server.webhooks.settings import WebhookSettings
from server.webhooks.signatures import headers
from server.webhooks.webhooks import Message, Receiver

LONGEST_WAIT_S = 3_600
"""A receiver that asks to be left alone for longer is tried again all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: without a problem the receiver has the message.

    `gone` says that the receiver wants no more of them; `wait_s` is what it asked for.
    """

    problem: str | None = None
    gone: bool = False
    wait_s: int | None = None


async def send(
    client: httpx.AsyncClient, receiver: Receiver, message: Message, settings: WebhookSettings
) -> Outcome:
    """Send a message: only an answer of 2xx, in time, says that it has arrived.

    A redirection is not followed, for it may lead anywhere.
    """
    now = datetime.now(UTC)
    body = message.body.encode()
    try:
        target = await resolve(receiver.address, settings.networks)
        signed = headers(receiver.secrets, str(message.id), now, body)
        request = client.build_request(
            "POST",
            target.connect_to,
            content=body,
            headers=signed | {"host": httpx.URL(receiver.address).netloc.decode()},
            extensions={"sni_hostname": target.host},
            timeout=settings.answer_s,
        )
        async with asyncio.timeout(settings.longest_s):
            # The body of the answer is not read: it may have no end.
            answer = await client.send(request, stream=True, follow_redirects=False)
            await answer.aclose()
    except AddressRefused as error:
        return Outcome(problem=str(error))
    except (httpx.HTTPError, TimeoutError) as error:
        return Outcome(problem=f"{type(error).__name__}: {error}"[:300])
    return _outcome(answer, now)


def new_client() -> httpx.AsyncClient:
    """Return a client without proxies, cookies of its own or redirections."""
    return httpx.AsyncClient(trust_env=False, headers={"user-agent": "motcua-webhooks"})


def _outcome(answer: httpx.Response, now: datetime) -> Outcome:
    if answer.is_success:
        return Outcome()
    return Outcome(
        problem=f"the receiver answered {answer.status_code}",
        gone=answer.status_code == httpx.codes.GONE,
        wait_s=_retry_after_s(answer.headers.get("retry-after"), now),
    )


def _retry_after_s(text: str | None, now: datetime) -> int | None:
    """Return the seconds of a `Retry-After`, a number or a time; None for what is neither."""
    if text is None:
        return None
    with contextlib.suppress(ValueError, TypeError):
        if text.strip().isdigit():
            wait_s = int(text)
        else:
            wait_s = int((parsedate_to_datetime(text) - now).total_seconds())
        return min(max(wait_s, 0), LONGEST_WAIT_S)
    return None
