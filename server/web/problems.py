"""Errors as problem details (RFC 9457): one shape, a stable code, and a title in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from contract.texts import Language, texts
from server import errors
from server.errors import ServerError
from server.web.details import in_language

MEDIA_TYPE = "application/problem+json"
KIND = "urn:motcua:problem:"
SCHEMA = "#/components/schemas/ErrorBody"
PROBLEM_CONTENT: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": SCHEMA}}}
"""Of an answer in the document that may be something else too."""
"""Before the code: the type of a problem."""


class ErrorCode(StrEnum):
    """What went wrong, as programs tell it apart. A code is never given another meaning."""

    SIGN_IN_NEEDED = "sign_in_needed"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_PAUSED = "sign_in_paused"
    FORBIDDEN = "forbidden"
    SECOND_FACTOR_OWED = "second_factor_owed"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    REQUEST_INVALID = "request_invalid"
    FIELDS_INVALID = "fields_invalid"
    SCOPE_INVALID = "scope_invalid"
    PERIOD_INVALID = "period_invalid"
    BREAKDOWN_INVALID = "breakdown_invalid"
    CURSOR_INVALID = "cursor_invalid"
    NOT_SCORED = "not_scored"
    POINTS_INVALID = "points_invalid"
    KEY_REUSED = "key_reused"
    ACCOUNT_INVALID = "account_invalid"
    PASSWORD_UNFIT = "password_unfit"  # noqa: S105 - a code, no password
    LINK_VOID = "link_void"
    CODE_WRONG = "code_wrong"
    ADDRESS_REFUSED = "address_refused"
    PROVIDER_AWAY = "provider_away"
    DATABASE_AWAY = "database_away"
    DATABASE_READ_ONLY = "database_read_only"
    FIGURES_MISSING = "figures_missing"
    BODY_UNREADABLE = "body_unreadable"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    BODY_TOO_DEEP = "body_too_deep"
    QUERY_TOO_LONG = "query_too_long"
    PATH_UNKNOWN = "path_unknown"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RANGE_UNFIT = "range_unfit"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one part of a request; `at` is its path, such as `query/limit`."""

    at: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """Why there is no answer, and what to do next (RFC 9457).

    `code` is for programs and never changes its meaning; `title` and `detail` are for people, in
    the language of `lang` or of `Accept-Language`: what the code means, and what is wrong here and
    what to do; `request_id` is the `X-Request-ID` under which the server's log has more.
    """

    type: str
    title: str
    status: int
    detail: str
    code: ErrorCode
    request_id: str | None = None
    errors: tuple[FieldProblem, ...] | None = None


CODES: Mapping[type[ServerError], tuple[int, ErrorCode]] = MappingProxyType(
    {
        errors.SignInNeeded: (401, ErrorCode.SIGN_IN_NEEDED),
        errors.SignInRefused: (401, ErrorCode.SIGN_IN_REFUSED),
        errors.Forbidden: (403, ErrorCode.FORBIDDEN),
        errors.SecondFactorOwed: (403, ErrorCode.SECOND_FACTOR_OWED),
        errors.NotFound: (404, ErrorCode.NOT_FOUND),
        errors.Conflict: (409, ErrorCode.CONFLICT),
        errors.RequestInvalid: (422, ErrorCode.REQUEST_INVALID),
        errors.ScopeInvalid: (422, ErrorCode.SCOPE_INVALID),
        errors.PeriodInvalid: (422, ErrorCode.PERIOD_INVALID),
        errors.BreakdownInvalid: (422, ErrorCode.BREAKDOWN_INVALID),
        errors.CursorInvalid: (422, ErrorCode.CURSOR_INVALID),
        errors.NotScored: (422, ErrorCode.NOT_SCORED),
        errors.PointsInvalid: (422, ErrorCode.POINTS_INVALID),
        errors.KeyReused: (422, ErrorCode.KEY_REUSED),
        errors.AccountInvalid: (422, ErrorCode.ACCOUNT_INVALID),
        errors.PasswordUnfit: (422, ErrorCode.PASSWORD_UNFIT),
        errors.LinkVoid: (422, ErrorCode.LINK_VOID),
        errors.CodeWrong: (422, ErrorCode.CODE_WRONG),
        errors.AddressRefused: (422, ErrorCode.ADDRESS_REFUSED),
        errors.SignInPaused: (429, ErrorCode.SIGN_IN_PAUSED),
        errors.ProviderAway: (503, ErrorCode.PROVIDER_AWAY),
        errors.DatabaseAway: (503, ErrorCode.DATABASE_AWAY),
        errors.DatabaseReadOnly: (503, ErrorCode.DATABASE_READ_ONLY),
        errors.FiguresMissing: (503, ErrorCode.FIGURES_MISSING),
    }
)
"""Status and code of each error; one that is not listed is told as the nearest above it."""

STATUSES: Mapping[int, ErrorCode] = MappingProxyType(
    {
        400: ErrorCode.BODY_UNREADABLE,
        404: ErrorCode.PATH_UNKNOWN,
        405: ErrorCode.METHOD_NOT_ALLOWED,
        408: ErrorCode.BODY_TOO_SLOW,
        413: ErrorCode.BODY_TOO_LARGE,
        414: ErrorCode.QUERY_TOO_LONG,
        416: ErrorCode.RANGE_UNFIT,
        429: ErrorCode.TOO_MANY_REQUESTS,
        500: ErrorCode.INTERNAL_ERROR,
    }
)
"""The code of what is refused before a route is found."""


def code_of(error: ServerError) -> tuple[int, ErrorCode]:
    """Return status and code of an error; KeyError for one that is not told over HTTP."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def title_of(code: ErrorCode, language: Language) -> str:
    """Return what the code means, in one sentence."""
    return texts("server", language)[f"problem.{code}"]


def body_of(
    *,
    status: int,
    code: ErrorCode,
    detail: str,
    language: Language,
    request_id: str | None = None,
    wrong: tuple[FieldProblem, ...] | None = None,
) -> bytes:
    """Return the body of the answer; `detail` is as the code has written it."""
    said: dict[str, Any] = {
        "type": KIND + code,
        "title": title_of(code, language),
        "status": status,
        "detail": in_language(detail, language),
        "code": code,
        "request_id": request_id,
        "errors": wrong,
    }
    return msgspec.json.encode({name: value for name, value in said.items() if value is not None})
