"""Gives every answer that a route has not tagged itself an ETag, and tells 304 where it is held."""

from __future__ import annotations

from server.web.asgi import Application, Message, Receive, Scope, Send, header
from server.web.conditional import names, tag_of

LONGEST = 4_000_000
"""Bytes of an answer that is held back until its tag is known; what is longer goes out as it is."""
_TAGGED = (b"application/json", b"text/csv")
_KEPT_OUT = (b"content-length", b"content-type")


class Tagged:
    """An ASGI middleware for answers to GET that are JSON or CSV and have a length.

    What is sent bit by bit, a stream or a file, passes at once.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answering(scope, send))


class _Answering:
    """Holds the beginning of an answer back until its body is there."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._held = header(scope, b"if-none-match")
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_tagged(message):
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        start, self._start = self._start, None
        if message.get("more_body", False):
            await self._send(start)
            await self._send(message)
            return
        tag = tag_of(message.get("body", b""))
        headers = [*start["headers"], (b"etag", tag.encode())]
        if self._held is not None and names(self._held.decode("latin-1"), tag):
            told = [each for each in headers if each[0].lower() not in _KEPT_OUT]
            await self._send({**start, "status": 304, "headers": told})
            await self._send({**message, "body": b""})
            return
        await self._send({**start, "headers": headers})
        await self._send(message)


def _is_tagged(start: Message) -> bool:
    """Return whether an answer gets a tag here."""
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    length = headers.get(b"content-length", b"")
    return (
        start["status"] == 200
        and b"etag" not in headers
        and length.isdigit()
        and int(length) <= LONGEST
        and headers.get(b"content-type", b"").partition(b";")[0] in _TAGGED
    )
