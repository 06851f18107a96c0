"""The API below a path of a reverse proxy: REST, its description, its files and its stream."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from runtime.errors import SettingInvalid
from server.app import ApiSettings, create_app
from tests.commands import call
from tests.dashboards.stand_in import Served, served
from tests.proxies import nginx_before
from tests.waiting import eventually

pytestmark = pytest.mark.integration

ROOT = "/motcua-api"


@pytest.fixture(params=["stripped", "kept"])
def client(
    request: pytest.FixtureRequest, database_url: str, nginx: Path, tmp_path: Path
) -> Iterator[httpx.Client]:
    """A client of the API behind nginx, which strips the path or keeps it."""
    with served(
        Served(create_app(database_url, ApiSettings.read(trial=True), root_path=ROOT))
    ) as api:
        slash = "/" if request.param == "stripped" else ""
        with (
            nginx_before(nginx, tmp_path, {f"{ROOT}/": f"{api.url}{slash}"}) as url,
            httpx.Client(base_url=f"{url}{ROOT}", trust_env=False) as client,
        ):
            eventually(lambda: client.get("/healthz").is_success, 60, what="figures")
            yield client


def test_api_answers_below_the_path(client: httpx.Client) -> None:
    assert client.get("/api/v1/units").json() == []
    assert client.get("/openapi.json").json()["servers"] == [{"url": ROOT}]
    page = client.get("/docs").text
    for name in ("/openapi.json", "/docs-files/swagger-ui-bundle.js"):
        assert f"{ROOT}{name}" in page
        assert client.get(name).is_success
    slash = client.get("/api/v1/units/", follow_redirects=True)
    assert slash.is_success, slash.url


def test_stream_is_sent_below_the_path(client: httpx.Client) -> None:
    address = str(client.base_url).rstrip("/").replace("http", "ws", 1)
    with connect(f"{address}/api/v1/stream?scope=province", proxy=None) as stream:
        assert '"scope":"province"' in str(stream.recv(timeout=30))


def test_every_path_of_the_api_is_one_that_no_proxy_may_take(database_url: str) -> None:
    paths = {"/docs", "/docs-files", *create_app(database_url).openapi()["paths"]}
    for path in paths:
        first = f"/{path.split('/')[1]}"
        with pytest.raises(SettingInvalid, match=f"root path {first} is also the beginning"):
            create_app(database_url, root_path=first)


@pytest.mark.parametrize(
    ("command", "named"), [("server api", "--root-path"), ("dashboards", "ROOT_PATH")]
)
def test_what_is_no_path_is_refused_with_an_example(command: str, named: str) -> None:
    result = call(*command.split(), "--root-path", "/a b")
    assert result.exit_code != 0
    assert named in result.output
    assert "/motcua" in result.output
