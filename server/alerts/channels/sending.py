"""Sends one message to one channel: by mail server, signed webhook, apprise, or HTTP gateway."""

from __future__ import annotations

import asyncio
import json
import smtplib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from runtime.identity import Identity
from server.alerts.channels.channels import Channel, Kind
from server.alerts.channels.messages import Told
from server.errors import AddressRefused, RuleInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: without a problem the channel has the message and said `receipt`."""

    receipt: str = ""
    problem: str | None = None


class Target(Protocol):
    """Where to connect: the name resolved once, so that nobody leads us elsewhere meanwhile."""

    @property
    def host(self) -> str:
        """The name, for TLS."""

    @property
    def connect_to(self) -> str:
        """The address with the IP address in the place of the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What sending stands on: the one way in which this product signs, and the networks that may
    be reached. Both are those of webhooks, given by the composition.
    """

    client: httpx.AsyncClient
    sign: Callable[[Iterable[str], str, datetime, bytes], dict[str, str]]
    resolve: Callable[[str], Awaitable[Target]]


async def send(told: Told, channel: Channel, outgoing: Outgoing, answer_s: float) -> Outcome:
    """Send a message and return how that ended; it never raises for what a channel does."""
    try:
        if channel.kind is Kind.APPRISE:
            await asyncio.to_thread(_load_apprise)
        async with asyncio.timeout(answer_s):
            return await _WAYS[channel.kind](told, channel, outgoing)
    except TimeoutError:
        return Outcome(problem=f"no answer within {answer_s:g} s")
    except (AddressRefused, RuleInvalid) as error:
        return Outcome(problem=str(error)[:300])
    except (httpx.HTTPError, smtplib.SMTPException, OSError) as error:
        return Outcome(problem=f"{type(error).__name__}: {error}"[:300])


def webhook_body(told: Told) -> bytes:
    """Return an alert's message as webhooks carry it: `type`, `timestamp` and `data`."""
    alert = told.alert
    said = {
        "type": "alert",
        "timestamp": told.at.astimezone(UTC).isoformat(),
        "data": {
            "alert": str(alert.id),
            "step": told.step,
            "rule": alert.rule,
            "severity": alert.severity,
            "unit": alert.unit,
            "subjects": list(alert.subjects),
            "value": alert.value,
            "n": alert.n,
            "raised_at": alert.raised_at.astimezone(UTC).isoformat(),
            "title": told.title,
            "text": told.text,
        },
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


async def _webhook(told: Told, channel: Channel, outgoing: Outgoing) -> Outcome:
    body = webhook_body(told)
    signed = outgoing.sign([channel.secret()], str(told.id), datetime.now(UTC), body)
    return await _post(channel.address, body, signed, outgoing)


async def _gateway(told: Told, channel: Channel, outgoing: Outgoing) -> Outcome:
    """Fill the body of a gateway for SMS or of Zalo OA; the texts are escaped for its JSON."""
    filled = channel.body
    for name, value in _said(told).items():
        filled = filled.replace("{" + name + "}", json.dumps(value, ensure_ascii=False)[1:-1])
    secret = channel.secret()
    headers = {name: each.replace("{secret}", secret) for name, each in channel.headers.items()}
    headers = {"content-type": "application/json", "idempotency-key": str(told.id)} | headers
    return await _post(channel.address, filled.encode(), headers, outgoing)


async def _post(address: str, body: bytes, headers: dict[str, str], outgoing: Outgoing) -> Outcome:
    target = await outgoing.resolve(address)
    request = outgoing.client.build_request(
        "POST",
        target.connect_to,
        content=body,
        headers=headers | {"host": httpx.URL(address).netloc.decode()},
        extensions={"sni_hostname": target.host},
    )
    # The body of the answer is not read: it may have no end.
    answer = await outgoing.client.send(request, stream=True, follow_redirects=False)
    await answer.aclose()
    if answer.is_success:
        return Outcome(receipt=f"HTTP {answer.status_code}")
    return Outcome(problem=f"the channel answered {answer.status_code}")


async def _email(told: Told, channel: Channel, _outgoing: Outgoing) -> Outcome:
    """Send by SMTP, in a thread: `smtp://HOST:PORT`, with STARTTLS unless the channel says no."""
    message = EmailMessage()
    message["Subject"] = told.title
    message["From"] = Identity().sender(channel.sender)
    message["To"] = ", ".join(channel.recipients)
    message["Date"] = told.at
    # The same at every attempt: a mail server or reader that has it knows it again.
    message["Message-ID"] = f"<{told.id}@motcua.alerts>"
    message.set_content(told.text)
    given_up = threading.Event()
    try:
        return await asyncio.to_thread(_by_smtp, message, channel, given_up)
    finally:
        given_up.set()


def _by_smtp(message: EmailMessage, channel: Channel, given_up: threading.Event) -> Outcome:
    """Send, unless it was given up before: it is tried again then, and would arrive twice."""
    split = urlsplit(channel.address)
    encrypted = split.scheme == "smtps"
    kind: type[smtplib.SMTP] = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
    # A thread cannot be ended: a mail server that hangs must not keep one for ever.
    with kind(
        split.hostname or "", split.port or (465 if encrypted else 25), timeout=10.0
    ) as server:
        if channel.starttls and not encrypted:
            server.starttls(context=ssl.create_default_context())
        if channel.user:
            server.login(channel.user, channel.secret())
        if given_up.is_set():
            return Outcome(problem="given up")
        refused = server.send_message(message)
    if refused:
        return Outcome(
            problem=f"refused for {len(refused)} of {len(channel.recipients)} recipients"
        )
    return Outcome(receipt=str(message["Message-ID"]))


def _load_apprise() -> None:
    """Read apprise and its hundred ways, some seconds once, where a channel goes by it alone."""
    import apprise

    apprise.Apprise.instantiate("json://127.0.0.1")


async def _apprise(told: Told, channel: Channel, _outgoing: Outgoing) -> Outcome:
    import apprise

    carrier = apprise.Apprise()
    if not carrier.add(channel.secret()):
        return Outcome(problem="apprise does not know the address in secret_file")
    if await carrier.async_notify(body=told.text, title=told.title):
        return Outcome(receipt="apprise")
    return Outcome(problem="apprise could not deliver it; its log says why")


def _said(told: Told) -> dict[str, str]:
    return {
        "id": str(told.id),
        "title": told.title,
        "text": told.text,
        "severity": str(told.alert.severity),
    }


_WAYS: dict[Kind, Callable[[Told, Channel, Outgoing], Awaitable[Outcome]]] = {
    Kind.EMAIL: _email,
    Kind.WEBHOOK: _webhook,
    Kind.APPRISE: _apprise,
    Kind.HTTP: _gateway,
}
