"""Answers that whoever has them already need not get again (RFC 9110, 13.1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

PRIVATE = "private, no-cache"
"""Whoever asked may keep it and has to ask again each time; nobody between may."""


def tag_of(content: bytes) -> str:
    """Return the weak ETag of what an answer tells, whatever the time at which it was computed."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'


def is_held(request: Request, tag: str) -> bool:
    """Return whether `If-None-Match` names the tag."""
    return names(request.headers.get("if-none-match", ""), tag)


def names(said: str, tag: str) -> bool:
    """Return whether the text of an `If-None-Match` names the tag."""
    plain = tag.removeprefix("W/")
    return said.strip() == "*" or any(
        each.strip().removeprefix("W/") == plain for each in said.split(",")
    )


def answer_unless_held(
    request: Request,
    body: bytes,
    tag: str,
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer with its ETag, or status 304 where the client holds it."""
    said = {"ETag": tag, "Cache-Control": PRIVATE, **(headers or {})}
    if is_held(request, tag):
        return Response(status_code=304, headers=said)
    return Response(body, media_type=media_type, headers=said)
