"""The database goes away under load: nothing is acknowledged, nothing is lost, one line a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Self

import psycopg
import pytest

from motcua.local.broker import run_broker
from motcua.local.postgres import PostgresServer, run_postgres
from server.db.migrations import migrate
from tests.processes import motcua
from tests.server import build
from tests.server.publisher import Publisher, publisher
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def database(open_tmp_path) -> Iterator[PostgresServer]:
    with run_postgres(open_tmp_path / "pg") as server:
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            migrate(connection)
        yield server


@pytest.fixture
def broker_url(mosquitto, open_tmp_path) -> Iterator[str]:
    with run_broker(open_tmp_path / "mqtt") as broker:
        yield broker.url


class Load:
    """Sends ratings from a thread of its own until stopped."""

    def __init__(self, unit: Publisher) -> None:
        self.sent = []
        self._unit = unit
        self._stop = threading.Event()
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for(self, more: int) -> None:
        goal = len(self.sent) + more
        with self._more:
            assert self._more.wait_for(lambda: len(self.sent) >= goal, timeout=60)

    def _run(self) -> None:
        while not self._stop.wait(0.002):
            message = build.rating(datetime.now(UTC))
            self._unit.send(message)
            with self._more:
                self.sent.append(message)
                self._more.notify_all()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_database_restart_under_load_loses_nothing(database, broker_url, tmp_path, how):
    arguments = ("--database-url", database.url, "--broker", broker_url)
    with (
        motcua("server", "ingest", *arguments, log=tmp_path / "ingest.log") as ingest,
        publisher(broker_url) as unit,
    ):
        eventually(lambda: "broker_connected" in ingest.output(), 60)
        with Load(unit) as load:
            load.wait_for(100)
            unit.wait_for(*load.sent[:50])
            getattr(database, how)()
            load.wait_for(100)
            eventually(lambda: "database_away" in ingest.output(), 60)
            before = len(unit.committed())
            load.wait_for(100)
            assert len(unit.committed()) == before, "acknowledged what is not committed"
            database.start()
            load.wait_for(100)
        unit.wait_for(*load.sent, timeout_s=90)
        assert ingest.output().count("database_away") == 1
        assert ingest.output().count("database_back") == 1
        assert ingest.stop() == 0
    with psycopg.connect(database.url) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM rating")}
        assert ids == {message.id for message in load.sent}
        row = connection.execute("SELECT sum(score_5 + suspect_5) FROM rating_hourly").fetchone()
        assert row == (len(load.sent),)


def test_ingest_stops_cleanly_while_the_database_is_away(database, broker_url, tmp_path):
    arguments = ("--database-url", database.url, "--broker", broker_url)
    with (
        motcua("server", "ingest", *arguments, log=tmp_path / "ingest.log") as ingest,
        publisher(broker_url) as unit,
    ):
        eventually(lambda: "broker_connected" in ingest.output(), 60)
        database.kill()
        message = build.rating(datetime.now(UTC))
        unit.send(message)
        eventually(lambda: "database_away" in ingest.output(), 60)
        assert ingest.stop() == 0
        database.start()
        ingest.start()
        unit.wait_for(message)


def test_memory_is_bounded_while_the_database_is_away(database, broker_url, tmp_path):
    """With room for 500 messages, ingest stops reading and takes up again what it left."""
    arguments = ("--database-url", database.url, "--broker", broker_url)
    room = {"MOTCUA_INGEST_PENDING_MESSAGES": "500", "MOTCUA_INGEST_BATCH_MESSAGES": "100"}
    with (
        motcua("server", "ingest", *arguments, log=tmp_path / "ingest.log", env=room) as ingest,
        publisher(broker_url) as unit,
    ):
        eventually(lambda: "broker_connected" in ingest.output(), 60)
        database.stop()
        messages = [build.rating(datetime.now(UTC)) for _ in range(2_500)]
        for message in messages:
            unit.send(message)
        eventually(lambda: "ingest_holds_back" in ingest.output(), 60)
        database.start()
        unit.wait_for(*messages, timeout_s=90)
        assert ingest.output().count("ingest_holds_back") == 1
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM rating").fetchone() == (2_500,)
