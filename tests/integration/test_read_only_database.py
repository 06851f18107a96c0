"""A database that takes no changes: each process names the cause once, and goes on when it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import paho.mqtt.publish
import psycopg
import pytest

from contract.codec import encode
from contract.identifiers import new_id
from contract.messages import Rating
from motcua.local.postgres import PostgresServer, run_postgres
from runtime.broker import BrokerAddress
from server.db.migrations import migrate
from tests.commands import call
from tests.processes import Motcua, free_port, motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration

EVENT = "database_read_only"


@pytest.fixture
def server(open_tmp_path: Path) -> Iterator[PostgresServer]:
    """A database of the test's own, which it may set up as it likes."""
    with run_postgres(open_tmp_path / "pg", settings={"fsync": "off"}) as server:
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            migrate(connection)
        yield server


def set_read_only(server: PostgresServer, value: str) -> None:
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE motcua SET default_transaction_read_only = {value}")


def end_sessions(server: PostgresServer) -> None:
    """Have every process connect again: what a database is set to counts for new sessions."""
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def make_standby(server: PostgresServer) -> None:
    server.stop()
    (version,) = server.log_file.parent.rglob("global/pg_control")
    (version.parents[1] / "standby.signal").touch()
    server.start()


def said(process: Motcua, event: str) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in process.output().splitlines() if line[:1] == "{"]
    return [line for line in lines if line["event"] == event]


def rate(broker_url: str) -> None:
    broker, now = BrokerAddress.parse(broker_url), datetime.now(UTC)
    rating = Rating(id=new_id(now), device="d", seq=1, observed_at=now, schema=1, score=5)
    paho.mqtt.publish.single(
        f"motcua/v1/unit/{new_id(now)}/d/rating",
        encode(rating),
        qos=1,
        hostname=broker.host,
        port=broker.port,
    )


def stored(server: PostgresServer) -> int:
    with closing(psycopg.connect(server.url)) as connection:
        row = connection.execute("SELECT count(*) FROM rating").fetchone()
    assert row is not None
    return int(row[0])


def test_ingest_names_the_cause_once_and_commits_when_it_is_gone(server, broker_url, tmp_path):
    urls = ("--database-url", server.url, "--broker", broker_url)
    name = {"MOTCUA_INGEST_CLIENT_ID": f"ingest-{free_port()}"}
    with motcua("server", "ingest", *urls, log=tmp_path / "ingest.log", env=name) as process:
        eventually(lambda: said(process, "broker_connected"), 60, what="the connection")
        set_read_only(server, "on")
        end_sessions(server)
        rate(broker_url)
        (told,) = eventually(lambda: said(process, EVENT), 60, what="the cause")
        assert "default_transaction_read_only" in told["problem"]
        set_read_only(server, "off")
        eventually(lambda: stored(server) == 1, 60, what="the commit")
        assert len(said(process, EVENT)) == 1


def test_ingest_that_starts_names_the_cause_in_one_line(server, broker_url):
    set_read_only(server, "on")
    result = call("server", "ingest", "--database-url", server.url, "--broker", broker_url)
    assert result.exit_code == 1
    assert "default_transaction_read_only is on; look whether its disk is full" in result.output


def test_worker_names_the_cause_once_and_works_when_it_is_gone(server, tmp_path):
    set_read_only(server, "on")
    log = tmp_path / "worker.log"
    with motcua("server", "worker", "--database-url", server.url, log=log) as process:
        told = eventually(lambda: said(process, EVENT), 60, what="the cause")
        assert "default_transaction_read_only" in told[0]["problem"]
        set_read_only(server, "off")
        eventually(lambda: said(process, "worker_ready"), 60, what="the worker")
        assert len(said(process, EVENT)) == 1, process.output()


def test_api_on_a_standby_names_the_cause_once_and_serves_figures(server, tmp_path):
    make_standby(server)
    port = str(free_port())
    words = ("server", "api", "--database-url", server.url, "--port", port)
    with motcua(*words, log=tmp_path / "api.log") as process:
        (told,) = eventually(lambda: said(process, EVENT), 60, what="the cause")
        assert "standby" in told["problem"]
        assert "primary" in told["next"]
        eventually(lambda: healthy(port), 60, what="figures", retry=httpx.TransportError)
        assert not said(process, "connection_changed")


def healthy(port: str) -> bool:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
