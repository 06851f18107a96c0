"""While figures are missing the API says so, and which of the reasons it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from websockets.sync.client import connect

from motcua.local.postgres import run_postgres
from server.db.migrations import migrate
from tests.processes import free_port, motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration


class Api:
    """A running API, asked by path."""

    def __init__(self, port: int) -> None:
        self._address = f"127.0.0.1:{port}"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"http://{self._address}{path}", timeout=30, headers={"Accept-Language": "en"}
        )

    def healthy(self) -> bool:
        return self.get("/healthz").is_success

    def stream(self):
        return connect(f"ws://{self._address}/api/v1/stream")


@contextmanager
def running(database_url: str, folder: Path, **env: str) -> Iterator[Api]:
    api = Api(port := free_port())
    arguments = ("--database-url", database_url, "--port", str(port))
    with motcua("server", "api", "--trial", *arguments, log=folder / "api.log", env=env):
        eventually(lambda: api.get("/healthz"), 60, retry=httpx.TransportError)
        yield api


@contextmanager
def units_locked(database_url: str) -> Iterator[None]:
    """Keep every snapshot waiting, while the database answers."""
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE unit")
        yield


def test_health_is_ok_only_once_figures_can_be_served(database_url, tmp_path):
    with units_locked(database_url), running(database_url, tmp_path) as api:
        health = api.get("/healthz")
        assert health.status_code == 503
        assert (health.json()["database"], health.json()["figures"]) == ("ok", "missing")
        answer = api.get("/api/v1/snapshot")
        assert answer.status_code == 503
        assert "not computed yet" in answer.json()["detail"]
        assert api.get("/api/v1/units").status_code == 503
        assert api.get("/api/v1/quarantine").is_success


def test_health_turns_ok_with_the_first_figures(database_url, tmp_path):
    with running(database_url, tmp_path) as api:
        eventually(api.healthy)
        assert api.get("/healthz").json()["figures"] == "ok"
        assert api.get("/api/v1/snapshot").is_success


def test_figures_that_are_renewed_no_more_are_not_served_for_ever(database_url, tmp_path):
    with running(database_url, tmp_path, MOTCUA_API_RENEW_S="0.2") as api:
        eventually(api.healthy)
        with units_locked(database_url):
            eventually(lambda: not api.healthy())
            assert api.get("/healthz").json()["database"] == "ok"
            answer = api.get("/api/v1/snapshot")
            assert answer.status_code == 503
            assert "have not been computed for" in answer.json()["detail"]
        eventually(api.healthy)


def test_stream_opened_while_the_database_is_away_gives_no_old_figures(open_tmp_path, tmp_path):
    with run_postgres(open_tmp_path / "pg") as database:
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
        with running(database.url, tmp_path) as api:
            eventually(api.healthy)
            last = api.get("/api/v1/snapshot").json()["revision"]
            database.stop()
            eventually(lambda: api.get("/api/v1/snapshot").status_code == 503, 60)
            assert "the database is away" in api.get("/api/v1/snapshot").json()["detail"]
            with api.stream() as socket:
                eventually(lambda: api.get("/healthz").json()["clients"] == 1)
                database.start()
                first = httpx.Response(200, text=str(socket.recv(timeout=60))).json()
            assert first["revision"] > last
