"""Keeps a trial to the machine that it runs on: whoever comes through a proxy is refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_PLAIN = (b"content-type", b"text/plain; charset=utf-8")


def is_loopback(host: str) -> bool:
    """Return whether a server that listens on `host` is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackOnly:
    """An ASGI application that answers 403 to what did not come straight from this machine.

    A page of another site that a browser on this machine shows may not use it either: neither by
    another name of the address (Host) nor by what it sends unasked (Origin, Sec-Fetch-Site).
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the application."""
        reason = None if scope["type"] == "lifespan" else refusal(scope)
        if reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason[:120]})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [_PLAIN]})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def refusal(scope: Message) -> str | None:
    """Return why a trial does not answer this request, None where it does."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key == "host" and key in headers:
            return "this is a trial: a request names one host"
        headers[key] = value.decode("latin-1")
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return "this is a trial: it answers this machine alone"
    if any(name in _FORWARDED or name.startswith("x-forwarded") for name in headers):
        return "this is a trial: it answers no proxy"
    if _host(headers.get("host", "")) not in _NAMES:
        return "this is a trial: it answers as localhost and 127.0.0.1 alone"
    if _is_foreign(scope, headers):
        return "this is a trial: it answers no page of another site"
    return None


def _is_foreign(scope: Message, headers: MutableMapping[str, str]) -> bool:
    """Return whether another site's page sends what would change something, or opens a stream."""
    if scope["type"] == "http" and scope["method"] in _SAFE:
        return False
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin", "same-site"):
        return True
    origin = headers.get("origin")
    return origin is not None and _host(origin.partition("://")[2]) not in _NAMES


def _host(said: str) -> str:
    """Return the host of `host:port`, in lower case; nothing where it cannot be read."""
    try:
        return urlsplit(f"//{said}").hostname or ""
    except ValueError:
        return ""
