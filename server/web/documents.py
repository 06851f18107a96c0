"""Completes the OpenAPI document: problems of every route with their media type, and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from contract.texts import Language
from server.web.examples import add_examples
from server.web.problems import KIND, MEDIA_TYPE, SCHEMA, STATUSES, ErrorCode, title_of

_EVERYWHERE = {
    401: "Nobody says who asks, or with a void token.",
    403: "The principal lacks the right there.",
    414: "The query is longer than 16 kB.",
    422: "What was asked cannot be answered as it stands.",
    429: "More requests than the rate allows: wait `Retry-After`.",
    500: "The server failed; its log says why under the `X-Request-ID`.",
}
_WITH_BODY = {
    400: "The body cannot be read.",
    408: "The body came too slowly.",
    413: "The body is larger than the server takes.",
}

UNCHANGED = {"description": "It is what `If-None-Match` names."}

_FRAMEWORKS = ("HTTPValidationError", "ValidationError")
"""Schemas of FastAPI's own answer to fields that are wrong, which is a problem here."""

_EXAMPLES: Mapping[int, ErrorCode] = {
    **STATUSES,
    401: ErrorCode.SIGN_IN_NEEDED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    409: ErrorCode.CONFLICT,
    422: ErrorCode.FIELDS_INVALID,
    503: ErrorCode.DATABASE_AWAY,
}

_DETAILS: Mapping[ErrorCode, str] = {
    ErrorCode.SIGN_IN_NEEDED: "sign in, or send a key as `Authorization: Bearer KEY`",
    ErrorCode.FORBIDDEN: "ioc may not read devices",
    ErrorCode.NOT_FOUND: "unit 'tu-sonn' is not known; GET /api/v1/units lists them",
    ErrorCode.DATABASE_AWAY: "the database is away or gives no answer; try again in a few seconds",
}


def complete(app: FastAPI) -> None:
    """Make `app.openapi()` tell of the problems that every route can answer with."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            shared: dict[str, Any] = {}
            for path, method, operation in _operations(document):
                _complete(operation, shared)
                if method == "get" and path.startswith("/api/"):
                    _tell_unchanged(operation)
                add_examples(path, method, operation)
            document["components"]["responses"] = shared
            for name in _FRAMEWORKS:
                document["components"]["schemas"].pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(operation: dict[str, Any], shared: dict[str, Any]) -> None:
    """Add what every route can answer; problems that are told alike are `shared`."""
    responses: dict[str, Any] = operation["responses"]
    added = _EVERYWHERE | (_WITH_BODY if "requestBody" in operation else {})
    for number, description in added.items():
        if str(number) not in responses or _is_the_frameworks(responses[str(number)]):
            said = {"application/json": {"schema": {"$ref": SCHEMA}}}
            responses[str(number)] = {"description": description, "content": said}
    for status, response in responses.items():
        content = response.get("content", {})
        if content.get("application/json", {}).get("schema", {}).get("$ref") == SCHEMA:
            del content["application/json"]
            content[MEDIA_TYPE] = {"schema": {"$ref": SCHEMA}, "example": _example(int(status))}
            name = f"Problem{status}"
            if len(content) == 1 and shared.setdefault(name, response) == response:
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = dict(sorted(responses.items()))


def _tell_unchanged(operation: dict[str, Any]) -> None:
    """Say that what whoever asks holds already is not sent again, where that is JSON or CSV."""
    content = operation["responses"].get("200", {}).get("content", {})
    if not {"application/json", "text/csv"}.isdisjoint(content):
        operation["responses"].setdefault("304", UNCHANGED)
        operation["responses"] = dict(sorted(operation["responses"].items()))


def _is_the_frameworks(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith(_FRAMEWORKS[0])


def _example(status: int) -> dict[str, Any]:
    code = _EXAMPLES[status]
    return {
        "type": KIND + code,
        "title": title_of(code, Language.EN),
        "status": status,
        "detail": _DETAILS.get(code, title_of(code, Language.EN)),
        "code": code.value,
        "request_id": "5f0c9a4f6a2d4b8e9d0c1b2a3f4e5d6c",
    }
