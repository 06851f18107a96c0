"""The path of a reverse proxy: read, refused where it is ambiguous, and completed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runtime.errors import SettingInvalid
from runtime.root_path import BelowRootPath, read_root_path, require_distinct


@pytest.mark.parametrize(
    ("written", "read"),
    [("", ""), ("/", ""), ("motcua", "/motcua"), ("/motcua/", "/motcua"), ("/a/b-c", "/a/b-c")],
)
def test_path_is_read_with_or_without_slashes(written: str, read: str) -> None:
    assert read_root_path(written) == read


@pytest.mark.parametrize("written", ["/a//b", "/../a", "https://a.vn/b", "/một cửa", "/a?b"])
def test_what_is_no_path_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="/motcua"):
        read_root_path(written)


def test_path_that_the_application_serves_itself_is_refused() -> None:
    require_distinct("", ["/api/v1"])
    require_distinct("/ap", ["/api/v1"])
    require_distinct("/api/motcua", ["/api/v1"])
    for ambiguous in ("/api", "/api/v1"):
        with pytest.raises(SettingInvalid, match=r"/api/v1, which is served"):
            require_distinct(ambiguous, ["/healthz", "/api/v1"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("/wall", "/motcua/wall"),
        ("/motcua/wall", "/motcua/wall"),
        ("/motcua", "/motcua/"),
        ("/", "/motcua/"),
        ("/motcuas", "/motcua/motcuas"),
    ],
)
def test_path_is_complete_whether_the_proxy_strips_it_or_not(
    kind: str, asked: str, passed: str
) -> None:
    seen: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append((scope["path"], scope["raw_path"], scope["root_path"]))

    below = BelowRootPath(application, root_path="/motcua", declared=True)
    asyncio.run(below({"type": kind, "path": asked, "raw_path": asked.encode()}, None, None))
    assert seen == [(passed, passed.encode(), "/motcua")]
