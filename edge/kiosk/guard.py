"""Keeps the kiosk's server to its own page: headers, body size and same origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 4096
"""A tap has about 100 bytes."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_READING = {"GET", "HEAD"}


class _BodyTooLarge(Exception):
    """More bytes arrived than any request of the page has."""


class Guard:
    """ASGI middleware. Pages of other sites may neither read from nor write to the kiosk."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403 or 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in _READING and not _is_same_origin(headers):
            refusal = JSONResponse({"detail": "requests come from the kiosk's own page only"}, 403)
            await refusal(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, _counted(receive, headers), send_guarded)
        except _BodyTooLarge:
            refusal = JSONResponse({"detail": f"at most {MAX_BODY_BYTES} bytes are read"}, 413)
            await refusal(scope, receive, send_guarded)


def _is_same_origin(headers: Headers) -> bool:
    """Return whether the browser says so; a program without a browser sends neither header."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        return False
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _counted(receive: Receive, headers: Headers) -> Receive:
    declared = headers.get("content-length", "0")
    total = int(declared) if declared.isdecimal() else 0

    async def receive_counted() -> Message:
        nonlocal total
        if total > MAX_BODY_BYTES:
            raise _BodyTooLarge
        message = await receive()
        if "content-length" not in headers:
            total += len(message.get("body", b""))
            if total > MAX_BODY_BYTES:
                raise _BodyTooLarge
        return message

    return receive_counted
