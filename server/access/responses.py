"""How errors are answered over HTTP, the same on every route, and how routes document them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from httpx import codes
from starlette.exceptions import HTTPException

from server.errors import ServerError, SignInPaused
from server.web.asgi import REQUEST_ID, language
from server.web.details import in_language
from server.web.problems import (
    CODES,
    MEDIA_TYPE,
    STATUSES,
    ErrorBody,
    ErrorCode,
    FieldProblem,
    body_of,
    code_of,
)

_LONGEST = 1_000

Documented = dict[int | str, dict[str, Any]]


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
REFUSED: Documented = {
    422: {"model": ErrorBody, "description": "What was asked cannot be answered as it stands."}
}


async def answer_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that ended in one of our errors."""
    assert isinstance(error, ServerError)
    status, code = code_of(error)
    return _answer(request, status, code, str(error), _headers(error, status))


async def answer_fields(request: Request, error: Exception) -> Response:
    """Return the answer to a request of which fields are missing or wrong."""
    assert isinstance(error, RequestValidationError)
    spoken = language(request.scope)
    wrong = tuple(
        FieldProblem(
            at="/".join(map(str, each["loc"])), detail=in_language(str(each["msg"]), spoken)
        )
        for each in error.errors()
    )
    detail = "; ".join(f"{each.at}: {each.detail}" for each in wrong)[:_LONGEST]
    return _answer(request, 422, ErrorCode.FIELDS_INVALID, detail, wrong=wrong)


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Return the answer to what the framework refuses: no such path, method or body."""
    assert isinstance(error, HTTPException)
    code = STATUSES.get(error.status_code, ErrorCode.REQUEST_INVALID)
    if error.status_code == codes.NOT_FOUND and error.detail != "Not Found":
        code = ErrorCode.NOT_FOUND
    headers = dict(error.headers or {})
    return _answer(request, error.status_code, code, str(error.detail), headers)


async def answer_depth(request: Request, _error: Exception) -> Response:
    """Return the answer to a body that is nested more deeply than can be read."""
    detail = "the body has too many brackets within each other"
    return _answer(request, 422, ErrorCode.BODY_TOO_DEEP, detail)


def _answer(
    request: Request,
    status: int,
    code: ErrorCode,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    wrong: tuple[FieldProblem, ...] | None = None,
) -> Response:
    body = body_of(
        status=status,
        code=code,
        detail=detail,
        language=language(request.scope),
        request_id=request.scope.get(REQUEST_ID),
        wrong=wrong,
    )
    return Response(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _headers(error: Exception, status: int) -> dict[str, str] | None:
    if isinstance(error, SignInPaused):
        return {"Retry-After": str(error.wait_s)}
    return {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}.get(status)


def add_answers(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    for error in CODES:
        app.add_exception_handler(error, answer_error)
    app.add_exception_handler(RequestValidationError, answer_fields)
    app.add_exception_handler(HTTPException, answer_refusal)
    app.add_exception_handler(RecursionError, answer_depth)
