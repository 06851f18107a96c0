"""Sends one message to one channel: by mail server, signed webhook, apprise, or HTTP gateway."""

from __future__ import annotations

import asyncio
import json
import smtplib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
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
    """How an attempt ended: without a problem the channel has the message and said `receipt`.

    With one that is `uncertain` it was given all of the message and did not answer: it may have it.
    """

    receipt: str = ""
    problem: str | None = None
    uncertain: bool = False


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


PATIENCE = 3.0
"""A channel that has all of a message may take so many times longer to answer: one that is given up
earlier gets it again, and tells it twice.
"""


def longest_s(answer_s: float) -> float:
    """Return how long an attempt may take at most."""
    return (1 + PATIENCE) * answer_s


class Passing:
    """How far an attempt has come: from when on the channel may have the whole message."""

    def __init__(self, limit: asyncio.Timeout, answer_s: float) -> None:
        self._limit, self.patience_s = limit, PATIENCE * answer_s
        self._loop = asyncio.get_running_loop()
        self.over = False

    def hand_over(self) -> None:
        """Say that the channel has all of it, and let it take longer to answer. From any thread."""
        self.over = True
        self._loop.call_soon_threadsafe(self._wait_longer)

    def _wait_longer(self) -> None:
        if not self._limit.expired():
            self._limit.reschedule(self._loop.time() + self.patience_s)


async def send(told: Told, channel: Channel, outgoing: Outgoing, answer_s: float) -> Outcome:
    """Send a message and return how that ended; it never raises for what a channel does.

    It may take `answer_s` until the channel has the whole message, and three times that for the
    answer.
    """
    passing: Passing | None = None
    try:
        if channel.kind is Kind.APPRISE:
            await asyncio.to_thread(_load_apprise)
        async with asyncio.timeout(answer_s) as limit:
            passing = Passing(limit, answer_s)
            return await _WAYS[channel.kind](told, channel, outgoing, passing)
    except TimeoutError:
        over = passing is not None and passing.over
        waited_s = PATIENCE * answer_s if over else answer_s
        return Outcome(problem=f"no answer within {waited_s:g} s", uncertain=over)
    except (AddressRefused, RuleInvalid) as error:
        return Outcome(problem=str(error)[:300])
    except (httpx.HTTPError, smtplib.SMTPException, OSError) as error:
        over = passing is not None and passing.over and not isinstance(error, _REFUSALS)
        return Outcome(problem=f"{type(error).__name__}: {error}"[:300], uncertain=over)


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


async def _webhook(told: Told, channel: Channel, outgoing: Outgoing, passing: Passing) -> Outcome:
    body = webhook_body(told)
    signed = outgoing.sign([channel.secret()], str(told.id), datetime.now(UTC), body)
    numbered = signed | {"webhook-attempt": str(told.attempt)}
    return await _post(channel.address, body, numbered, outgoing, passing)


async def _gateway(told: Told, channel: Channel, outgoing: Outgoing, passing: Passing) -> Outcome:
    """Fill the body of a gateway for SMS or of Zalo OA; the texts are escaped for its JSON."""
    filled = channel.body
    for name, value in _said(told).items():
        filled = filled.replace("{" + name + "}", json.dumps(value, ensure_ascii=False)[1:-1])
    secret = channel.secret()
    headers = {name: each.replace("{secret}", secret) for name, each in channel.headers.items()}
    known = {
        "content-type": "application/json",
        "idempotency-key": str(told.id),
        "webhook-attempt": str(told.attempt),
    }
    return await _post(channel.address, filled.encode(), known | headers, outgoing, passing)


async def _post(
    address: str, body: bytes, headers: dict[str, str], outgoing: Outgoing, passing: Passing
) -> Outcome:
    target = await outgoing.resolve(address)

    async def follow(event: str, _details: Mapping[str, object]) -> None:
        if event.endswith(".send_request_body.complete"):
            passing.hand_over()

    request = outgoing.client.build_request(
        "POST",
        target.connect_to,
        content=body,
        headers=headers | {"host": httpx.URL(address).netloc.decode()},
        extensions={"sni_hostname": target.host, "trace": follow},
        timeout=None,  # the attempt as a whole is bounded
    )
    # The body of the answer is not read: it may have no end.
    answer = await outgoing.client.send(request, stream=True, follow_redirects=False)
    await answer.aclose()
    if answer.is_success:
        return Outcome(receipt=f"HTTP {answer.status_code}")
    problem = f"the channel answered {answer.status_code}"
    return Outcome(problem=problem, uncertain=answer.status_code in _OF_ANOTHER)


async def _email(told: Told, channel: Channel, _outgoing: Outgoing, passing: Passing) -> Outcome:
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
        return await asyncio.to_thread(_by_smtp, message, channel, given_up, passing)
    finally:
        given_up.set()


def _by_smtp(
    message: EmailMessage, channel: Channel, given_up: threading.Event, passing: Passing
) -> Outcome:
    """Send, unless it was given up before: it is tried again then, and would arrive twice."""
    split = urlsplit(channel.address)
    encrypted = split.scheme == "smtps"
    kind: type[smtplib.SMTP] = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
    # A thread cannot be ended: a mail server that hangs must not keep one for ever.
    port = split.port or (465 if encrypted else 25)
    with kind(split.hostname or "", port, timeout=passing.patience_s) as server:
        if channel.starttls and not encrypted:
            server.starttls(context=ssl.create_default_context())
        if channel.user:
            server.login(channel.user, channel.secret())
        if given_up.is_set():
            return Outcome(problem="given up")
        passing.hand_over()
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


async def _apprise(told: Told, channel: Channel, _outgoing: Outgoing, passing: Passing) -> Outcome:
    import apprise

    carrier = apprise.Apprise()
    if not carrier.add(channel.secret()):
        return Outcome(problem="apprise does not know the address in secret_file")
    passing.hand_over()  # from here on nobody tells how far it came
    if await carrier.async_notify(body=told.text, title=told.title):
        return Outcome(receipt="apprise")
    problem = "apprise could not deliver it, or had no answer; its log says which"
    return Outcome(problem=problem, uncertain=True)


def _said(told: Told) -> dict[str, str]:
    return {
        "id": str(told.id),
        "title": told.title,
        "text": told.text,
        "severity": str(told.alert.severity),
    }


_OF_ANOTHER = (httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT)
"""Said by a proxy that had no answer itself."""

_REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
"""What a mail server says that answers: it does not have the message."""

_WAYS: dict[Kind, Callable[[Told, Channel, Outgoing, Passing], Awaitable[Outcome]]] = {
    Kind.EMAIL: _email,
    Kind.WEBHOOK: _webhook,
    Kind.APPRISE: _apprise,
    Kind.HTTP: _gateway,
}
