"""`motcua server ingest` between a real mosquitto and a real PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from contract.codec import MAX_PAYLOAD_BYTES, decode, encode
from contract.messages import DeviceStatus
from contract.topics import STREAMS, Address, Direction, Stream
from motcua.local.broker import Broker, run_broker
from tests.processes import Motcua, motcua
from tests.server import build
from tests.server.publisher import Publisher, publisher
from tests.waiting import eventually

pytestmark = pytest.mark.integration

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
TOPIC = "motcua/v1/tu-son/quay-1/edge-1"


@dataclass(frozen=True, kw_only=True)
class System:
    """One ingest with a broker and a database of its own."""

    database_url: str
    broker: Broker
    ingest: Motcua
    unit: Publisher

    def rows(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> tuple:
        (row,) = self.rows(sql)
        return row


@contextmanager
def running(database_url: str, broker: Broker, folder: Path) -> Iterator[Motcua]:
    log = folder / f"ingest-{uuid4().hex[:6]}.log"
    arguments = ("--database-url", database_url, "--broker", broker.url)
    with motcua("server", "ingest", *arguments, log=log) as process:
        eventually(lambda: "broker_connected" in process.output(), 60, what=log.name)
        yield process


@pytest.fixture
def broker(mosquitto, open_tmp_path) -> Iterator[Broker]:
    with run_broker(open_tmp_path / "mqtt") as broker:
        yield broker


@pytest.fixture
def system(database_url, broker, tmp_path) -> Iterator[System]:
    with (
        running(database_url, broker, tmp_path) as ingest,
        publisher(broker.url) as unit,
    ):
        yield System(database_url=database_url, broker=broker, ingest=ingest, unit=unit)


def now() -> datetime:
    return datetime.now(UTC)


def test_message_is_stored_then_acknowledged(system):
    message = build.rating(now(), 4)
    system.unit.send(message)
    system.unit.wait_for(message)
    assert system.one("SELECT id, score, unit, counter, device FROM rating") == (
        message.id, 4, "tu-son", "quay-1", "edge-1",
    )  # fmt: skip


UPSTREAM = [spec.stream for spec in STREAMS.values() if spec.direction is Direction.UP]


def test_every_golden_message_is_stored_in_the_table_of_its_stream(system):
    """Re-dated to now, for golden files grow older than what ingest accepts."""
    for stream in UPSTREAM:
        message = decode(stream, (GOLDEN / f"{stream}.v1.json").read_bytes())
        message = msgspec.structs.replace(message, observed_at=now())
        address = Address(unit="golden", counter="quay-1", device=message.device)
        system.unit.send(message, address)
        system.unit.wait_for(message)
        table = "officer_session" if stream is Stream.SESSION else stream
        assert system.one(f"SELECT id FROM {table}") == (message.id,)


def test_every_rating_counts_once_however_often_and_in_whatever_order_it_comes(system):
    chance = random.Random(11)
    messages = [build.rating(now() - timedelta(minutes=i), 1 + i % 5) for i in range(500)]
    deliveries = messages * 3
    chance.shuffle(deliveries)
    for message in deliveries:
        system.unit.send(message)
    system.unit.wait_for(*messages)
    eventually(lambda: len(system.unit.committed()) == len(deliveries))
    assert system.one("SELECT count(*), count(DISTINCT id) FROM rating") == (500, 500)
    assert system.one(
        "SELECT sum(score_1), sum(score_2), sum(score_3), sum(score_4), sum(score_5)"
        " FROM rating_hourly"
    ) == (100, 100, 100, 100, 100)


def test_each_device_hears_of_its_own_messages(system):
    addresses = [Address(unit="u", counter=f"c{i}", device=f"d{i}") for i in range(3)]
    messages = [(build.rating(now(), address=address), address) for address in addresses]
    for message, address in messages:
        system.unit.send(message, address)
    system.unit.wait_for(*(message for message, _ in messages))
    assert system.one("SELECT count(*) FROM device") == (3,)


def test_what_cannot_be_understood_is_kept_with_its_reason_and_the_rest_commits(system):
    good = [build.rating(now()) for _ in range(20)]
    wrong = build.rating(now())
    old = build.rating(now() - timedelta(days=400))
    future = build.rating(now() + timedelta(minutes=10))
    poison = build.ticket(now(), "A\0")
    for message in good[:10]:
        system.unit.send(message)
    system.unit.send_raw(f"{TOPIC}/rating", b"not json")
    system.unit.send_raw(f"{TOPIC}/rating", b"x" * (MAX_PAYLOAD_BYTES + 1))
    system.unit.send_raw(f"{TOPIC}/rating", encode(wrong).replace(b'"score":5', b'"score":9'))
    system.unit.send_raw("motcua/v1/tu-son/quay-1/edge-2/rating", encode(build.rating(now())))
    for message in (old, future, poison):
        system.unit.send(message)
    for message in good[10:]:
        system.unit.send(message)
    system.unit.wait_for(*good)
    eventually(lambda: {wrong.id, poison.id} <= set(system.unit.quarantined()))
    assert sorted(system.rows("SELECT refusal FROM quarantine")) == [
        ("device_mismatch",), ("invalid_field",), ("malformed",), ("rejected_by_database",),
        ("too_large",),
    ]  # fmt: skip
    eventually(lambda: {old.id, future.id} <= set(system.unit.held()))
    assert sorted(system.rows("SELECT refusal FROM held_message")) == [("future",), ("too_old",)]
    assert system.one("SELECT count(*) FROM rating") == (20,)
    assert system.one("SELECT reason FROM quarantine WHERE refusal = 'invalid_field'")[0].count(
        "score"
    )


def test_retained_health_that_comes_again_changes_nothing(system, tmp_path):
    heartbeat = build.health(now(), fps=10.0)
    system.unit.send(heartbeat, retain=True)
    system.unit.wait_for(heartbeat)
    before = system.one("SELECT * FROM device")
    assert system.ingest.stop() == 0
    system.ingest.start()
    eventually(lambda: system.unit.committed().count(heartbeat.id) >= 2)
    assert system.one("SELECT * FROM device") == before
    assert system.one("SELECT count(*) FROM health") == (1,)


def test_cleared_retained_topic_is_not_quarantined(system):
    system.unit.send_raw(f"{TOPIC}/health", b"", retain=True)
    marker = build.rating(now())
    system.unit.send(marker)
    system.unit.wait_for(marker)
    assert system.rows("SELECT * FROM quarantine") == []


def test_last_will_of_an_older_session_leaves_the_device_online(system):
    old, new = build.session_at(now() - timedelta(minutes=9)), build.session_at(now())
    back = build.health(now(), session=new)
    will = build.health(now() - timedelta(minutes=9), session=old, status=DeviceStatus.OFFLINE)
    system.unit.send(back)
    system.unit.wait_for(back)
    system.unit.send(will)
    system.unit.wait_for(will)
    assert system.one("SELECT session > offline_session FROM device") == (True,)


def test_messages_published_while_ingest_was_away_are_stored_on_its_return(system):
    assert system.ingest.stop() == 0
    messages = [build.rating(now()) for _ in range(300)]
    for message in messages:
        system.unit.send(message)
    system.ingest.start()
    system.unit.wait_for(*messages)
    assert system.one("SELECT count(*) FROM rating") == (300,)


def test_second_ingest_of_the_same_name_loses_nothing_and_is_named_in_the_log(system, tmp_path):
    with running(system.database_url, system.broker, tmp_path) as second:
        eventually(lambda: "client_id_contested" in system.ingest.output() + second.output(), 60)
        messages = [build.rating(now()) for _ in range(100)]
        for message in messages:
            system.unit.send(message)
        system.unit.wait_for(*messages)
        assert second.stop() == 0
    assert system.one("SELECT count(*), count(DISTINCT id) FROM rating") == (100, 100)


def test_ingests_of_their_own_names_store_each_message_once(system, tmp_path):
    log = tmp_path / "second.log"
    arguments = ("--database-url", system.database_url, "--broker", system.broker.url)
    name = {"MOTCUA_INGEST_CLIENT_ID": "motcua-ingest-2"}
    with motcua("server", "ingest", *arguments, log=log, env=name) as second:
        eventually(lambda: "broker_connected" in second.output(), 60)
        messages = [build.rating(now()) for _ in range(300)]
        for message in messages:
            system.unit.send(message)
        eventually(lambda: len(system.unit.committed()) >= 600, 60)
        assert second.stop() == 0
        for output in (second.output(), system.ingest.output()):
            assert "commit_failed" not in output
            assert "contested" not in output
    assert system.one("SELECT sum(score_5 + suspect_5) FROM rating_hourly") == (300,)


def test_nothing_is_lost_when_the_broker_restarts(system):
    first = build.rating(now())
    system.unit.send(first)
    system.unit.wait_for(first)
    system.broker.stop()
    system.broker.start()
    eventually(lambda: system.ingest.output().count("broker_connected") >= 2, 60)
    later = build.rating(now())
    with publisher(system.broker.url) as unit:
        unit.send(later)
        unit.wait_for(later)
    assert system.one("SELECT count(*) FROM rating") == (2,)


def test_quarantine_is_replayed_after_a_fix(system):
    message = build.rating(now())
    system.unit.send_raw(f"{TOPIC}/rating", b"hopeless")
    with psycopg.connect(system.database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE rating ADD CONSTRAINT temporary_mistake CHECK (score < 4)")
        system.unit.send(message)
        eventually(lambda: message.id in system.unit.quarantined())
        connection.execute("ALTER TABLE rating DROP CONSTRAINT temporary_mistake")
    for expected in ("1 messages stored, 1 still refused", "0 messages stored, 1 still refused"):
        log = system.ingest.log.with_name(f"replay-{uuid4().hex}.log")
        arguments = ("server", "replay-quarantine", "--database-url", system.database_url)
        with motcua(*arguments, log=log) as replay:
            eventually(lambda replay=replay: replay.exit_code == 0, 60)
            assert expected in replay.output()
    assert system.one("SELECT id FROM rating") == (message.id,)
    assert system.one("SELECT sum(score_5) FROM rating_hourly") == (1,)
    assert system.one("SELECT count(*) FROM quarantine WHERE replayed_at IS NULL") == (1,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--database-url", "postgresql://nobody:secret@127.0.0.1:1/none"), "cannot be reached"),
        (("--broker", "tcp://x"), "write mqtt://user:password@host:port"),
    ],
)
def test_wrong_address_at_the_start_is_one_clear_line(database_url, tmp_path, arguments, words):
    defaults = ("--database-url", database_url)
    with motcua("server", "ingest", *defaults, *arguments, log=tmp_path / "log") as ingest:
        eventually(lambda: ingest.exit_code is not None, 60)
        assert ingest.exit_code == 1
        (line,) = ingest.output().splitlines()
        assert words in line
        assert "secret" not in line


def test_missing_migrations_are_one_clear_line(empty_database_url, tmp_path):
    arguments = ("server", "ingest", "--database-url", empty_database_url)
    with motcua(*arguments, log=tmp_path / "log") as ingest:
        eventually(lambda: ingest.exit_code == 1, 60)
        (line,) = ingest.output().splitlines()
        assert "motcua db migrate" in line
