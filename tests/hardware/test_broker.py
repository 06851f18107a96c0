"""The production broker: its rules are those of the topic table, and mosquitto enforces them."""

from __future__ import annotations

import getpass
import os
import queue
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from contract.identifiers import new_id
from contract.messages import Rating
from contract.topics import STREAMS, Address, Direction, Stream
from edge.store.outbox import Outbox
from tests.hardware.programs import require_program
from tests.processes import free_port, motcua
from tests.waiting import eventually

BROKER = Path(__file__).parents[2] / "hardware" / "broker"
OURS = Address(unit="phuong-a", counter="quay-1", device="cam-1")
THEIRS = Address(unit="phuong-a", counter="quay-2", device="cam-2")
DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBroker:
    port: int
    passwords: dict[str, str]


def make_passwords(file: Path, *devices: str) -> dict[str, str]:
    """Run the product's script; return the passwords that it printed."""
    require_program("mosquitto_passwd")
    result = subprocess.run(
        ["sh", str(BROKER / "passwords.sh"), *devices],
        env={
            **os.environ,
            "MOTCUA_PASSWORD_FILE": str(file),
            "MOTCUA_BROKER_PASSWORD": "of-server",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in result.stdout.splitlines())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    program = require_program("mosquitto")
    names = [f"{a.unit}/{a.counter}/{a.device}" for a in (OURS, THEIRS)]
    passwords = {"server": "of-server", **make_passwords(tmp_path / "passwords", *names)}
    port = free_port()
    text = (BROKER / "mosquitto.conf").read_text(encoding="utf-8")
    for ours, theirs in (
        ("/mosquitto/config", str(BROKER)),
        ("/mosquitto/passwords", str(tmp_path)),
        ("/mosquitto/data", str(tmp_path)),
        (
            "listener 1883\n",
            f"log_type information\nlistener {port} 127.0.0.1\nuser {getpass.getuser()}\n",
        ),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    (tmp_path / "mosquitto.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [program, "-c", str(tmp_path / "mosquitto.conf")], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "running" in line:
                break
        else:
            pytest.fail("mosquitto refused the configuration")
        yield RunningBroker(port=port, passwords=passwords)
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE_S)


@contextmanager
def connected(
    broker: RunningBroker, user: str, *filters: str
) -> Iterator[tuple[Client, queue.Queue]]:
    """Yield a connected client and the queue of (topic, payload) that it receives."""
    received: queue.Queue[tuple[str, bytes]] = queue.Queue()
    ready: queue.Queue[bool] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, broker.passwords[user])

    def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
        received.put((message.topic, message.payload))

    client.on_message = on_message
    client.on_connect = lambda *_: ready.put(True)
    client.on_subscribe = lambda *_: ready.put(True)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        ready.get(timeout=DEADLINE_S)
        if filters:
            client.subscribe([(topic, 1) for topic in filters])
            ready.get(timeout=DEADLINE_S)
        yield client, received
    finally:
        client.disconnect()
        client.loop_stop()


def user_of(address: Address) -> str:
    return f"{address.unit}/{address.counter}/{address.device}"


def streams(direction: Direction) -> list[Stream]:
    return [spec.stream for spec in STREAMS.values() if spec.direction is direction]


def test_device_publishes_for_itself_only(broker: RunningBroker) -> None:
    filters = [f"motcua/v1/+/+/+/{stream}" for stream in streams(Direction.UP)]
    with (
        connected(broker, "server", *filters) as (_, received),
        connected(broker, user_of(OURS)) as (unit, _),
    ):
        for stream in streams(Direction.UP):
            unit.publish(THEIRS.topic(stream), b"forged", qos=1)
            unit.publish(OURS.topic(stream), b"own", qos=1)
        for stream in streams(Direction.UP):
            assert received.get(timeout=DEADLINE_S) == (OURS.topic(stream), b"own")


def test_device_reads_what_is_meant_for_it_only(broker: RunningBroker) -> None:
    filters = [f"motcua/v1/+/+/+/{stream}" for stream in streams(Direction.DOWN)]
    with (
        connected(broker, user_of(OURS), *filters) as (_, received),
        connected(broker, "server") as (server, _),
    ):
        for stream in streams(Direction.DOWN):
            server.publish(THEIRS.topic(stream), b"theirs", qos=1)
            server.publish(OURS.topic(stream), b"ours", qos=1)
        for stream in streams(Direction.DOWN):
            assert received.get(timeout=DEADLINE_S) == (OURS.topic(stream), b"ours")


@pytest.mark.integration
def test_rating_passes_these_rules_to_the_database_and_back(broker, database_url, tmp_path):
    """A denied message looks published, so only the whole chain shows that nothing is denied."""
    user = quote(user_of(OURS), safe="")
    unit_url = f"mqtt://{user}:{broker.passwords[user_of(OURS)]}@127.0.0.1:{broker.port}"
    server_url = f"mqtt://server:of-server@127.0.0.1:{broker.port}"
    config, store = tmp_path / "edge.toml", tmp_path / "edge.sqlite3"
    config.write_text(
        f'[device]\nunit = "{OURS.unit}"\ncounter = "{OURS.counter}"\ndevice = "{OURS.device}"\n'
        f'[store]\npath = "{store}"\nreserve_mb = 0\n',
        encoding="utf-8",
    )
    at = datetime.now(UTC)
    rating = Rating(id=new_id(at), device=OURS.device, seq=0, observed_at=at, schema=1, score=5)
    with (
        Outbox.open(store, max_rows=1000, reserve_mb=0) as outbox,
        motcua(
            "server", "ingest", "--database-url", database_url, "--broker", server_url,
            log=tmp_path / "ingest.log",
        ),
        motcua(
            "edge", "relay", "--config", str(config), log=tmp_path / "relay.log",
            env={"MOTCUA_BROKER_URL": unit_url},
        ),
    ):  # fmt: skip
        outbox.append(rating)
        eventually(lambda: outbox.depth() == 0, 60)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT id, unit, counter, device FROM rating").fetchall()
        online = connection.execute("SELECT count(*) FROM health").fetchone()
    assert rows == [(rating.id, OURS.unit, OURS.counter, OURS.device)]
    assert online is not None
    assert online[0] >= 1


def test_wrong_password_is_refused(broker: RunningBroker) -> None:
    refused: queue.Queue[bool] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("server", "guess")
    client.on_connect = lambda _client, _data, _flags, reason, _properties: refused.put(
        reason.is_failure
    )
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        assert refused.get(timeout=DEADLINE_S)
    finally:
        client.disconnect()
        client.loop_stop()


def test_renewing_one_password_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    make_passwords(file, user_of(OURS), user_of(THEIRS))
    before = dict(line.split(":", 1) for line in file.read_text().splitlines())

    make_passwords(file, user_of(OURS))

    after = dict(line.split(":", 1) for line in file.read_text().splitlines())
    assert after.keys() == before.keys() == {"server", user_of(OURS), user_of(THEIRS)}
    assert after[user_of(THEIRS)] == before[user_of(THEIRS)]
    assert after[user_of(OURS)] != before[user_of(OURS)]
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "cam-1",
        "a/b",
        "a/b/c/d",
        "A/b/c",
        "a/+/c",
        "a/b/#",
        "a:b/c/d",
        "a//c",
        "a/b/",
        "a/b/c\\nserver",
    ],
)
def test_name_that_is_no_device_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        make_passwords(tmp_path / "passwords", name)

    assert "name it unit/counter/device" in caught.value.stderr
    assert list(tmp_path.iterdir()) == []
