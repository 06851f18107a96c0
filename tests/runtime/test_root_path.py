"""The path of a reverse proxy: read, refused where it is ambiguous, and completed."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.errors import SettingInvalid
from runtime.root_path import (
    DeclaredRootPath,
    HiddenRootPath,
    below_root,
    read_root_path,
    require_distinct,
)
from tests import coroutines


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
    ("asked", "declared", "hidden"),
    [
        ("/wall", "/motcua/wall", "/wall"),
        ("/motcua/wall", "/motcua/wall", "/wall"),
        ("/motcua", "/motcua", "/"),
        ("/", "/motcua/", "/"),
        ("/motcuas", "/motcua/motcuas", "/motcuas"),
    ],
)
def test_path_is_the_same_whether_the_proxy_strips_it_or_not(
    kind: str, asked: str, declared: str, hidden: str
) -> None:
    seen: list[str] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["path"])

    scope = {"type": kind, "path": asked, "raw_path": asked.encode()}
    for below in (DeclaredRootPath, HiddenRootPath):
        coroutines.run(below(application, root_path="/motcua")(scope, receive, send))
    assert seen == [declared, hidden]


@pytest.mark.parametrize(
    ("onward", "sent"),
    [("/units?a=/b", "/motcua/units?a=/b"), ("//else.vn/a", "//else.vn/a"), ("?a=1", "?a=1")],
)
def test_application_that_knows_of_no_path_leads_to_addresses_below_it(
    onward: str, sent: str
) -> None:
    answers: list[Any] = []

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"location", onward.encode()), (b"x-page", below_root("/wall").encode())]
        await send({"type": "http.response.start", "status": 303, "headers": headers})

    async def note(message: Any) -> None:
        answers.extend(message["headers"])

    below = HiddenRootPath(application, root_path="/motcua")
    coroutines.run(below({"type": "http", "path": "/"}, receive, note))
    assert answers == [(b"location", sent.encode()), (b"x-page", b"/motcua/wall")]
    assert below_root("/wall") == "/wall"


async def receive() -> Any:
    """Nothing more is asked."""


async def send(_message: Any) -> None:
    """Nobody listens."""
