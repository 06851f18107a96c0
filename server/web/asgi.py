"""The types of an ASGI application, and an error told without the framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

from contract.texts import Language
from server.web.languages import language_asked
from server.web.problems import MEDIA_TYPE, ErrorCode, body_of

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

REQUEST_ID = "motcua.request_id"
"""Where a request's id stands in its ASGI scope."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of this lower-case name."""
    found: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value for key, value in found if key == name), None)


def language(scope: Scope) -> Language:
    """Return the language in which whoever sent the request reads what is wrong with it."""
    return language_asked(scope.get("query_string", b""), header(scope, b"accept-language"))


async def refuse(
    scope: Scope,
    send: Send,
    status: int,
    code: ErrorCode,
    detail: str,
    headers: Headers | None = None,
) -> None:
    """Answer a request with a problem, before it has reached a route."""
    body = body_of(
        status=status,
        code=code,
        detail=detail,
        language=language(scope),
        request_id=scope.get(REQUEST_ID),
    )
    said = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": said})
    await send({"type": "http.response.body", "body": body})
