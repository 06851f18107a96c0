"""Which language a page speaks: its address's, else the browser's last, else Vietnamese."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from contract.texts import Language
from dashboards.look.texts import language_named, speaking

LANGUAGE = "motcua-language"
"""The cookie, and `lang` the parameter, that choose English."""
_YEAR_S = 31_536_000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def language_of(request: Request) -> Language:
    """Return the language of the address, else of the browser's choice before, else Vietnamese."""
    asked = language_named(request.query_params.get("lang"))
    return asked or language_named(request.cookies.get(LANGUAGE)) or Language.VI


class Speaking:
    """An ASGI application in front of all pages: it speaks, and remembers a choice of language.

    What the address of a `wall` says holds for that wall alone.
    """

    def __init__(self, app: App, *, wall: str) -> None:
        self._app = app
        self._wall = wall

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer in the language of whoever asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        chosen = language_named(request.query_params.get("lang"))
        remember = chosen is not None and request.url.path != self._wall

        async def remembering(message: Message) -> None:
            if remember and message["type"] == "http.response.start":
                cookie = Response()
                cookie.set_cookie(LANGUAGE, str(chosen), max_age=_YEAR_S, samesite="lax")
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        with speaking(language_of(request)):
            await self._app(scope, receive, remembering)
