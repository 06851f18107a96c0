"""Bounds what a request may send: its address, and its body's size and time."""

from __future__ import annotations

import asyncio

from server.web.asgi import Application, Message, Receive, Scope, Send, header, refuse
from server.web.problems import ErrorCode
from server.web.settings import WebSettings

LONGEST_QUERY = 16_384
"""Bytes after the question mark: a question with hundreds of parameters is a mistake."""


class Bounded:
    """An ASGI middleware that takes the body of a request before a route sees it.

    So a slow or endless body holds neither a connection to the database nor a transaction.
    """

    def __init__(self, app: Application, settings: WebSettings) -> None:
        self._app = app
        self._largest = int(settings.body_mb * 1_000_000)
        self._body_s = settings.body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application what is within bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["query_string"]) > LONGEST_QUERY:
            detail = f"the query is longer than {LONGEST_QUERY:,} bytes; ask in several requests"
            await refuse(scope, send, 414, ErrorCode.QUERY_TOO_LONG, detail)
            return
        if not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = await self._body(scope, receive, send)
        if body is None:
            return
        await self._app(scope, _replay(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive, send: Send) -> bytes | None:
        """Return the body; None where it is refused, or the client has gone."""
        too_large = f"the body is larger than {self._largest:,} bytes; send several batches"
        length = header(scope, b"content-length") or b"0"
        if length.isdigit() and int(length) > self._largest:
            await refuse(scope, send, 413, ErrorCode.BODY_TOO_LARGE, too_large)
            return None
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._largest:
                        await refuse(
                            scope, send, 413, ErrorCode.BODY_TOO_LARGE, too_large, _CLOSING
                        )
                        return None
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            detail = f"the body did not come within {self._body_s:g} s"
            await refuse(scope, send, 408, ErrorCode.BODY_TOO_SLOW, detail, _CLOSING)
            return None


_CLOSING = [(b"connection", b"close")]
"""The rest of the body is not wanted."""


def _has_body(scope: Scope) -> bool:
    length = header(scope, b"content-length")
    return length not in (None, b"0") or header(scope, b"transfer-encoding") is not None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the whole body once, then whatever else the client does."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
