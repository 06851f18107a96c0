"""Gives each request an id, in its answer and in the log, and each answer its security headers."""

from __future__ import annotations

import re
import uuid

import structlog

from server.web.asgi import REQUEST_ID, Application, Headers, Message, Receive, Scope, Send, refuse
from server.web.asgi import header as header_of
from server.web.problems import ErrorCode

_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")
"""An id that a client or proxy gives is kept, so that its log and ours can be joined."""

_SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_CLOSED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""An answer of the API is no page: it runs nothing, whatever it holds."""

_PAGES = ("/docs",)
"""What is a page, or belongs to one."""

_UNCACHED = (b"cache-control", b"no-store")
"""Figures are told to whoever asks: nobody between may keep them, unless the route says how."""

log = structlog.get_logger()


class Identified:
    """An ASGI middleware; an error that nothing else caught is logged here and told as 500."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        name = _id_of(scope)
        scope[REQUEST_ID] = name
        answering = _Answering(scope, send, name)
        with structlog.contextvars.bound_contextvars(request_id=name):
            try:
                await self._app(scope, receive, answering)
            except Exception:
                log.exception("request_failed", method=scope.get("method"), path=scope["path"])
                if scope["type"] == "websocket" or answering.begun:
                    raise
                detail = f"the server failed; its log says why under the request id {name}"
                await refuse(scope, answering, 500, ErrorCode.INTERNAL_ERROR, detail)


class _Answering:
    """Sends an answer with the headers that every answer has."""

    def __init__(self, scope: Scope, send: Send, name: str) -> None:
        self.begun = False
        self._send = send
        self._is_page = _is_page(scope)
        self._id = (b"x-request-id", name.encode())

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = [*message.get("headers", ()), self._id, *_SECURITY]
            if not self._is_page:
                headers.append(_CLOSED)
                if not any(key.lower() == b"cache-control" for key, _ in headers):
                    headers.append(_UNCACHED)
            message = {**message, "headers": headers}
        await self._send(message)


def _is_page(scope: Scope) -> bool:
    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
    return path.startswith(_PAGES)


def _id_of(scope: Scope) -> str:
    given = header_of(scope, b"x-request-id")
    return given.decode() if given and _GIVEN.match(given) else uuid.uuid4().hex
