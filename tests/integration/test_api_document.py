"""schemathesis asks the API whatever its document allows, as each role and as nobody.

Nothing ends in 5xx, and every answer is one that the document describes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.access.roles import Role
from tests.processes import free_port, motcua
from tests.server.access.office import settle, sign_in_everybody
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "3"))
"""For each route, of whoever may do most; a long search takes more. Others ask each a third as
often: most of what they ask is refused before it is read.
"""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
LEFT_OUT = {
    ("DELETE", "/api/v1/sign-ins/current"): "it ends the token with which all else is asked",
    ("GET", "/api/v1/events"): "its answer has no end",
    ("GET", "/api/v1/alerts/events"): "likewise",
}
NOBODY = "nobody"


@pytest.fixture(scope="module")
def asked(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    """The address of a running API, and a token of each role."""
    settle(module_database_url)
    tokens = {**sign_in_everybody(module_database_url), NOBODY: None}
    port = free_port()
    words = ("server", "api", "--database-url", module_database_url, "--port", str(port))
    with motcua(*words, log=tmp_path_factory.mktemp("api") / "api.log"):
        url = f"http://127.0.0.1:{port}"
        ready = f"{url}/healthz"
        eventually(lambda: httpx.get(ready).is_success, 60, retry=httpx.HTTPError, what="the API")
        yield url, tokens


@pytest.mark.parametrize("who", [*Role, NOBODY])
def test_whatever_is_asked_is_answered_as_the_document_says(asked, who):
    url, tokens = asked
    token = tokens[who]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in LEFT_OUT:
            continue

        @seed(20261128)
        @settings(
            max_examples=EXAMPLES if who == Role.ADMINISTRATOR else max(1, EXAMPLES // 3),
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case) -> None:
            case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

        try:
            ask()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all are told together
            faults.append(f"{operation.label}: {str(error)[:1500]}")
    assert not faults, "\n\n".join(faults)
