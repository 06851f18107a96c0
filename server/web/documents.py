"""Completes the OpenAPI document: problems of every route, their media type, and an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from contract.texts import Language
from server.web.problems import KIND, MEDIA_TYPE, STATUSES, Code, title_of

_EVERYWHERE = {
    414: "The query is longer than 16 kB.",
    429: "More requests than the rate allows: wait `Retry-After`.",
    500: "The server failed; its log says why under the `X-Request-ID`.",
}
_WITH_BODY = {
    400: "The body cannot be read.",
    408: "The body came too slowly.",
    413: "The body is larger than the server takes.",
}
_PROBLEM = "#/components/schemas/ErrorBody"

_EXAMPLES: Mapping[int, Code] = {
    **STATUSES,
    401: Code.SIGN_IN_NEEDED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    409: Code.CONFLICT,
    422: Code.FIELDS_INVALID,
    503: Code.DATABASE_AWAY,
}

_DETAILS: Mapping[Code, str] = {
    Code.SIGN_IN_NEEDED: "sign in, or send a key as `Authorization: Bearer KEY`",
    Code.FORBIDDEN: "ioc may not read devices",
    Code.NOT_FOUND: "unit 'tu-sonn' is not known; GET /api/v1/units lists them",
    Code.DATABASE_AWAY: "the database is away or gives no answer; try again in a few seconds",
}


def complete(app: FastAPI) -> None:
    """Make `app.openapi()` tell of the problems that every route can answer with."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            for operation in _operations(document):
                _complete(operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _complete(operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    added = _EVERYWHERE | (_WITH_BODY if "requestBody" in operation else {})
    for status, description in added.items():
        schema = {"$ref": _PROBLEM}
        content = {"application/json": {"schema": schema}}
        known = responses.get(str(status))
        if known is None:
            responses[str(status)] = {"description": description, "content": content}
    for status, response in responses.items():
        content = response.get("content", {})
        for media_type, told in list(content.items()):
            if told.get("schema", {}).get("$ref") == _PROBLEM and media_type != MEDIA_TYPE:
                del content[media_type]
                content[MEDIA_TYPE] = told | {"example": _example(int(status))}
    operation["responses"] = dict(sorted(responses.items()))


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
