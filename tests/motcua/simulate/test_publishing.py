"""The simulated province against a real mosquitto and the server's real ingest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import Queue

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from motcua.local.broker import Broker, BrokerKind, run_broker
from tests.processes import Motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("mosquitto")]

COUNTERS = 6
RATE = 800


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that a test may kill."""
    with run_broker(tmp_path / "broker", kind=BrokerKind.MOSQUITTO) as found:
        yield found


@pytest.fixture
def simulation(broker: Broker, tmp_path: Path) -> Iterator[Motcua]:
    arguments = ("--counters", str(COUNTERS), "--rate", str(RATE), "--seed", "1", "--always-open")
    process = Motcua("simulate", "--broker", broker.url, *arguments, log=tmp_path / "sim.log")
    yield process
    if process.running:
        process.kill()


@pytest.fixture
def ingest(broker: Broker, database_url: str, tmp_path: Path) -> Iterator[Motcua]:
    process = Motcua(
        "server", "ingest", "--database-url", database_url, "--broker", broker.url,
        log=tmp_path / "ingest.log",
    )  # fmt: skip
    yield process
    if process.running:
        process.stop()


@pytest.fixture
def healths(broker: Broker) -> Iterator[Queue[tuple[str, str]]]:
    """(device, status) of every health message."""
    found: Queue[tuple[str, str]] = Queue()

    def on_message(client: Client, userdata: None, message: MQTTMessage) -> None:
        found.put((message.topic.split("/")[4], json.loads(message.payload)["status"]))

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda client, *_: client.subscribe("motcua/v1/+/+/+/health", qos=1)
    client.on_message = on_message
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield found
    client.disconnect()
    client.loop_stop()


def _count(url: str, table: str) -> int:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _await_devices(healths: Queue[tuple[str, str]], status: str) -> None:
    seen = set()
    while len(seen) < COUNTERS:
        device, found = healths.get(timeout=60)
        if found == status:
            seen.add(device)


def test_every_link_of_the_chain_gets_every_stream(
    ingest: Motcua, simulation: Motcua, database_url: str
) -> None:
    for table in ("observation", "visit", "rating", "health"):
        eventually(lambda table=table: _count(database_url, table) > 3, 60, what=f"{table} rows")
    assert _count(database_url, "quarantine") == 0


def test_devices_say_hello_and_goodbye(healths: Queue[tuple[str, str]], simulation: Motcua) -> None:
    _await_devices(healths, "online")
    assert simulation.stop() == 0
    _await_devices(healths, "offline")


def test_killed_simulation_goes_offline_by_its_last_wills(
    healths: Queue[tuple[str, str]], simulation: Motcua
) -> None:
    _await_devices(healths, "online")
    simulation.kill()
    _await_devices(healths, "offline")


def test_nothing_is_lost_while_broker_and_server_are_away(
    broker: Broker, simulation: Motcua, ingest: Motcua, database_url: str
) -> None:
    eventually(lambda: _count(database_url, "observation") > 20, 60)
    ingest.kill()
    broker.kill()
    broker.start()
    ingest.start()
    before = _count(database_url, "observation")
    eventually(lambda: _count(database_url, "observation") > before + 100, 60)

    def gaps() -> int:
        # Each device's windows follow each other without a hole up to the newest one known.
        with closing(psycopg.connect(database_url)) as connection:
            rows = connection.execute(
                "SELECT device, observed_at FROM observation ORDER BY device, observed_at"
            ).fetchall()
        window_s = 5 / RATE
        pairs = itertools.pairwise(rows)
        return sum(
            left[0] == right[0] and (right[1] - left[1]).total_seconds() > 1.5 * window_s
            for left, right in pairs
        )

    eventually(lambda: gaps() == 0, 60, what="observations without a hole")
