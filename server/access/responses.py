"""How errors are answered over HTTP, the same on every route, and how routes document them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from server.errors import (
    Conflict,
    DatabaseAway,
    FiguresMissing,
    Forbidden,
    NotFound,
    ProviderAway,
    RequestInvalid,
    ServerError,
    SignInNeeded,
    SignInPaused,
)

Documented = dict[int | str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """Why there is no answer, and what to do next."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBody:
    """Why a request is refused: a sentence, or what is wrong with each of its fields."""

    detail: str | list[dict[str, Any]]


STATUS: Mapping[type[ServerError], int] = MappingProxyType(
    {
        SignInNeeded: 401,
        Forbidden: 403,
        NotFound: 404,
        Conflict: 409,
        RequestInvalid: 422,
        SignInPaused: 429,
        ProviderAway: 503,
        DatabaseAway: 503,
        FiguresMissing: 503,
    }
)
"""The HTTP status of each error, its subclasses included."""

UNCHANGED: Documented = {304: {"description": "It is what `If-None-Match` names."}}
UNKNOWN: Documented = {404: {"model": ErrorBody, "description": "There is no such thing."}}
UNAVAILABLE: Documented = {
    503: {"model": ErrorBody, "description": "The database is away, or there are no figures yet."}
}
PAUSED: Documented = {
    429: {"model": ErrorBody, "description": "Too many attempts failed: wait `Retry-After`."},
}
EXISTS: Documented = {
    409: {"model": ErrorBody, "description": "What exists forbids it."},
}
CLOSED: Documented = {
    401: {"model": ErrorBody, "description": "Nobody says who asks, or with a void token."},
    403: {"model": ErrorBody, "description": "The principal lacks the right there."},
}
REFUSED: Documented = {
    422: {"model": RefusedBody, "description": "What was asked cannot be answered as it stands."}
}


async def answer_error(_request: Request, error: Exception) -> JSONResponse:
    """Return the answer to a request that ended in one of our errors."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    return JSONResponse({"detail": str(error)}, status_code=status, headers=_headers(error, status))


def _headers(error: Exception, status: int) -> dict[str, str] | None:
    if isinstance(error, SignInPaused):
        return {"Retry-After": str(error.wait_s)}
    return {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}.get(status)
