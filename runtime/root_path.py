"""Serves an application below a path of a reverse proxy, which may or may not strip that path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias

from runtime.errors import SettingInvalid

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_ASKED = ("http", "websocket")
_ASKED_BELOW: ContextVar[str] = ContextVar("root_path", default="")

_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
"""Letters that stand for themselves in an address, so that nothing has to be encoded."""


def read_root_path(written: str) -> str:
    """Return the path as `/a/b`, "" for none or `/`; raise ValueError for what is no path."""
    path = written.strip("/")
    if path and not all(map(_SEGMENT.fullmatch, path.split("/"))):
        raise ValueError("write a path such as /motcua, of letters, digits, - and _")
    return f"/{path}" if path else ""


def require_distinct(root_path: str, paths: Iterable[str]) -> None:
    """Raise SettingInvalid where `root_path` is the beginning of one of the application's paths.

    Of a request for such a path it could not be told whether the proxy has stripped it.
    """
    for path in paths:
        if root_path and f"{path}/".startswith(f"{root_path}/"):
            raise SettingInvalid(
                f"the root path {root_path} is also the beginning of {path}, which is served "
                "there; choose another one, such as /motcua"
            )


def below_root(path: str) -> str:
    """Return the address at which whoever asks at present finds `path`, which begins with `/`."""
    return f"{_ASKED_BELOW.get()}{path}"


class DeclaredRootPath:
    """An ASGI middleware for an application that takes `root_path` off its paths itself.

    Every path begins with it, as before the proxy stripped it.
    """

    def __init__(self, app: Application, *, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] in _ASKED:
            root, path = self._root_path, scope["path"]
            if not f"{path}/".startswith(f"{root}/"):
                path = f"{root}{path}"
            scope = {**scope, "path": path, "raw_path": None, "root_path": root}
        await self._app(scope, receive, send)


class HiddenRootPath:
    """An ASGI middleware for an application that knows of no `root_path`.

    It is taken off every path and put before the addresses to which the application redirects;
    what it writes into pages it makes with `below_root`.
    """

    def __init__(self, app: Application, *, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in _ASKED:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if f"{path}/".startswith(f"{self._root_path}/"):
            path = path.removeprefix(self._root_path) or "/"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [self._redirected(*each) for each in message["headers"]]
            await send(message)

        token = _ASKED_BELOW.set(self._root_path)
        try:
            await self._app({**scope, "path": path, "raw_path": None}, receive, answer)
        finally:
            _ASKED_BELOW.reset(token)

    def _redirected(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        ours = name.lower() == b"location" and value[:1] == b"/" and value[:2] != b"//"
        return name, self._root_path.encode() + value if ours else value
