"""Serves an application below a path of a reverse proxy, which may or may not strip that path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

from runtime.errors import SettingInvalid

Scope: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]

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


class BelowRootPath:
    """An ASGI middleware: every path begins with `root_path`, as before the proxy stripped it.

    With `declared`, the application is told so and takes it off itself (ASGI's `root_path`).
    """

    def __init__(self, app: Application, *, root_path: str, declared: bool) -> None:
        self._app = app
        self._root_path = root_path
        self._declared = declared

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Pass the request on."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, **self._completed(scope)}
        await self._app(scope, receive, send)

    def _completed(self, scope: Scope) -> dict[str, Any]:
        root, path, raw = self._root_path, scope["path"], scope.get("raw_path")
        completed: dict[str, Any] = {"root_path": root} if self._declared else {}
        if path == root:
            completed |= {"path": f"{root}/", "raw_path": f"{root}/".encode()}
        elif not path.startswith(f"{root}/"):
            completed["path"] = f"{root}{path}"
            completed["raw_path"] = None if raw is None else root.encode() + raw
        return completed
