"""Which language a page speaks and which theme it wears: the address's, else the browser's last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from contract.texts import Language
from dashboards.look.texts import language_named, speaking
from dashboards.look.theme import Theme, theme_named, wearing

THEME = "motcua-theme"
"""The cookie that chooses the dark theme on desks, and `theme` the parameter."""
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


def theme_of(request: Request) -> Theme:
    """Return the theme of the address, else of the browser's choice before, else the light one."""
    asked = theme_named(request.query_params.get("theme"))
    return asked or theme_named(request.cookies.get(THEME)) or Theme.LIGHT


class Speaking:
    """An ASGI application in front of all pages: it speaks, and remembers choices of its look.

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
        is_wall = request.url.path == self._wall
        chosen = {} if is_wall else chosen_of(request)

        async def remembering(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, said in chosen.items():
                    cookie = Response()
                    remember(cookie, name, said)
                    headers = MutableHeaders(scope=message)
                    headers.append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        theme = Theme.DARK if is_wall else theme_of(request)
        with speaking(language_of(request)), wearing(theme):
            await self._app(scope, receive, remembering)


def chosen_of(request: Request) -> dict[str, str]:
    """Return what the address chooses, by the cookie that remembers it."""
    asked = request.query_params
    said = {LANGUAGE: language_named(asked.get("lang")), THEME: theme_named(asked.get("theme"))}
    return {name: str(value) for name, value in said.items() if value is not None}


def remember(response: Response, name: str, said: str) -> None:
    """Let the browser remember one choice of its look."""
    response.set_cookie(name, said, max_age=_YEAR_S, samesite="lax")
