"""Errors over HTTP: one shape, stable codes, two languages."""

from __future__ import annotations

import pytest

from contract.texts import Language, texts
from server.app import create_app
from server.errors import RequestInvalid, ScopeInvalid
from server.web.languages import language_of
from server.web.problems import CODES, MEDIA_TYPE, ErrorCode, code_of, title_of
from tests.server.requesting import Client

ANYWHERE = "postgresql://127.0.0.1/motcua"
"""Nothing connects before the application starts."""

DEEP = {"content": b"[" * 5_000_000, "headers": {"Content-Type": "application/json"}}
DEEP_BATCH = b'{"records":' + b"[" * 1_000_000


@pytest.mark.parametrize("language", Language)
def test_every_code_has_a_title(language):
    assert {code: title_of(code, language) for code in ErrorCode}
    assert set(texts("server", language).below("problem")) == {code.value for code in ErrorCode}


def test_an_error_that_is_not_listed_is_told_as_the_one_above_it():
    class Special(ScopeInvalid):
        """A narrower error."""

    assert code_of(Special("no")) == (422, ErrorCode.SCOPE_INVALID)
    assert code_of(RequestInvalid("no")) == (422, ErrorCode.REQUEST_INVALID)
    assert all(400 <= status < 600 for status, _ in CODES.values())


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "vi"), ("", "vi"), ("fr", "vi"), ("en", "en"), ("en-GB,vi;q=0.9", "en"),
        ("vi,en;q=0.8", "vi"), ("en;q=0.4, vi-VN;q=0.5", "vi"), ("en;q=nonsense", "vi"),
        ("en;q=0", "vi"), ("*", "vi"),
    ],
)  # fmt: skip
def test_the_language_that_is_preferred_is_answered(accepted, language):
    assert language_of(accepted) == language


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code"),
    [
        ("GET", "/api/v1/nothing", {}, 404, ErrorCode.PATH_UNKNOWN),
        ("PATCH", "/api/v1/units", {}, 405, ErrorCode.METHOD_NOT_ALLOWED),
        ("GET", "/api/v1/units/none", {}, 404, ErrorCode.NOT_FOUND),
        ("GET", "/api/v1/readings?scope=moon", {}, 422, ErrorCode.SCOPE_INVALID),
        ("GET", "/api/v1/readings?period=soon", {}, 422, ErrorCode.PERIOD_INVALID),
        ("GET", "/api/v1/readings?by=moon", {}, 422, ErrorCode.BREAKDOWN_INVALID),
        ("GET", "/api/v1/quarantine?limit=0", {}, 422, ErrorCode.FIELDS_INVALID),
        ("POST", "/api/v1/webhooks", {"content": b"{"}, 422, ErrorCode.FIELDS_INVALID),
        ("GET", "/api/v1/units?" + "a=1&" * 5_000, {}, 414, ErrorCode.QUERY_TOO_LONG),
        ("POST", "/api/v1/webhooks", {"content": b"x" * 10_000_001}, 413, ErrorCode.BODY_TOO_LARGE),
        ("POST", "/api/v1/webhooks", DEEP, 400, ErrorCode.BODY_UNREADABLE),
        (
            "PUT",
            "/api/v1/dossiers?source=a",
            {"content": DEEP_BATCH, "headers": {"Idempotency-Key": "batch-0001"}},
            422,
            ErrorCode.REQUEST_INVALID,
        ),
    ],
)  # fmt: skip
def test_every_refusal_is_a_problem(module_database_url, method, path, given, status, code):
    answer = Client(module_database_url).send(method, path, **given)
    assert answer.headers["content-type"] == MEDIA_TYPE
    said = answer.json()
    assert (answer.status_code, said["status"], said["code"]) == (status, status, code), said
    assert said["type"] == f"urn:motcua:problem:{code}"
    assert said["title"] == title_of(code, Language.EN)
    assert said["request_id"] == answer.headers["x-request-id"]
    assert said["detail"]


def test_every_field_that_is_wrong_is_named(module_database_url):
    said = Client(module_database_url).send("GET", "/api/v1/quarantine?limit=0&before=x").json()
    assert {each["at"] for each in said["errors"]} == {"query/limit", "query/before"}


def test_the_document_tells_every_route_s_problems_with_an_example():
    document = create_app(ANYWHERE).openapi()
    shared = document["components"]["responses"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            refused = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
            assert {"401", "403", "414", "422", "429", "500"} <= set(refused), where
            for status, response in refused.items():
                if status == "416" or (status == "503" and "health" in path):
                    continue  # a health that is told, and a range without a body
                said = (
                    shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
                )
                told = said["content"][MEDIA_TYPE]
                assert told["schema"]["$ref"].endswith("/ErrorBody"), where
    examples = [each["content"][MEDIA_TYPE]["example"] for each in shared.values()]
    assert {each["code"] for each in examples} <= {code.value for code in ErrorCode}
