"""Keeps the kiosk's server to its own page: headers, body size and same origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.kiosk.origins import Refusal, refusal

MAX_BODY_BYTES = 4096
"""A tap has about 100 bytes."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_READING = {"GET", "HEAD"}


class SecurityMiddleware:
    """ASGI middleware: pages of other sites may neither read from nor write to the kiosk."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str],
        on_refusal: Callable[[Refusal], None],
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._on_refusal = on_refusal
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403 or 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        if scope["method"] in _READING:
            await self._app(scope, receive, send_with_headers)
            return
        refused = refusal(Headers(scope=scope), self._hosts)
        if refused is not None:
            self._on_refusal(refused)
            await _refuse(403, refused.reason, scope, send_with_headers)
            return
        body = await _read(receive, self._max_body_bytes)
        if body is None:
            reason = f"at most {self._max_body_bytes} bytes are read"
            await _refuse(413, reason, scope, send_with_headers)
            return
        await self._app(scope, _replaying(body, receive), send_with_headers)


async def _read(receive: Receive, at_most: int) -> bytes | None:
    """Return the request's body; None when it is too long, whatever its headers declare."""
    body = b""
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > at_most:
            return None
        if not message.get("more_body", False):
            return body


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the whole body first and then what comes after it."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_whole() -> Message:
        return whole.pop() if whole else await receive()

    return receive_whole


async def _refuse(code: int, reason: str, scope: Scope, send: Send) -> None:
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    await JSONResponse({"detail": reason}, code)(scope, nothing, send)
