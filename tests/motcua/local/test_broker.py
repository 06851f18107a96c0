"""The private broker: mosquitto keeps its state, amqtt stands in and says what that costs."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Event

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from motcua.errors import BrokerFailed, DataInUse
from motcua.local.broker import Broker, BrokerKind, run_broker

pytestmark = pytest.mark.integration

_AFTER_A_POWER_CUT = Path(__file__).with_name("faults") / "mosquitto-zeros.db"
"""What mosquitto found as its own store after a power cut."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _publish(broker: Broker, topic: str, payload: bytes, *, retain: bool = False) -> None:
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


def _receive(broker: Broker, topic: str, *, client_id: str = "", timeout_s: float = 30.0) -> bytes:
    received: list[bytes] = []
    arrived = Event()

    def on_message(client: Client, userdata: None, message: MQTTMessage) -> None:
        received.append(message.payload)
        arrived.set()

    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=not client_id)
    client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
    client.on_message = on_message
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    arrived.wait(timeout_s)
    client.disconnect()
    client.loop_stop()
    return received[0] if received else b""


def _subscribe_and_leave(broker: Broker, topic: str, client_id: str) -> None:
    subscribed = Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
    client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    assert subscribed.wait(30)
    client.disconnect()
    client.loop_stop()


@pytest.mark.usefixtures("mosquitto")
def test_retained_and_queued_messages_outlive_a_restart(data: Path) -> None:
    with run_broker(data) as broker:
        assert broker.kind is BrokerKind.MOSQUITTO
        _subscribe_and_leave(broker, "queued", "absent-server")
        _publish(broker, "kept", b"retained", retain=True)
        _publish(broker, "queued", b"waiting")
    with run_broker(data) as broker:
        assert _receive(broker, "kept") == b"retained"
        assert _receive(broker, "queued", client_id="absent-server") == b"waiting"


@pytest.mark.usefixtures("mosquitto")
def test_more_messages_wait_for_an_absent_server_than_by_default(data: Path) -> None:
    with run_broker(data) as broker:
        _subscribe_and_leave(broker, "many", "absent-server")
        publisher = Client(CallbackAPIVersion.VERSION2)
        publisher.connect("127.0.0.1", broker.port)
        publisher.loop_start()
        last = [publisher.publish("many", str(number), qos=1) for number in range(2500)][-1]
        last.wait_for_publish(60)
        publisher.disconnect()
        publisher.loop_stop()

        received: list[bytes] = []
        complete = Event()

        def on_message(client: Client, userdata: None, message: MQTTMessage) -> None:
            received.append(message.payload)
            if len(received) == 2500:
                complete.set()

        server = Client(CallbackAPIVersion.VERSION2, client_id="absent-server", clean_session=False)
        server.on_message = on_message
        server.connect("127.0.0.1", broker.port)
        server.loop_start()
        assert complete.wait(60)
        server.disconnect()
        server.loop_stop()


@pytest.mark.usefixtures("mosquitto")
def test_a_killed_mosquitto_starts_again_on_the_same_port(data: Path) -> None:
    with run_broker(data) as broker:
        port = broker.port
        broker.kill()
        broker.start()
        assert broker.port == port
        _publish(broker, "kept", b"again", retain=True)
        assert _receive(broker, "kept") == b"again"


def _bind(taken: socket.socket) -> int:
    """Take a port without answering on it, and return it."""
    taken.bind(("127.0.0.1", 0))
    port: int = taken.getsockname()[1]
    return port


def _damage_store(data: Path) -> Path:
    """Put a damaged store in the place of the broker's own, and return where it is."""
    with run_broker(data):
        pass
    (store,) = data.rglob("mosquitto.db")
    store.write_bytes(_AFTER_A_POWER_CUT.read_bytes())
    return store


@pytest.mark.usefixtures("mosquitto")
def test_a_damaged_store_is_set_aside_in_one_line_and_the_broker_starts_empty(data: Path) -> None:
    store = _damage_store(data)
    said: list[str] = []
    with run_broker(data, say=said.append) as broker:
        _publish(broker, "kept", b"retained", retain=True)
    (line,) = said
    (aside,) = store.parent.glob("mosquitto.db.damaged-*")
    assert f"{store} is damaged" in line
    assert str(aside) in line
    assert aside.read_bytes() == _AFTER_A_POWER_CUT.read_bytes()
    with run_broker(data, say=said.append) as broker:
        assert _receive(broker, "kept") == b"retained"
    assert said == [line]


@pytest.mark.usefixtures("mosquitto")
def test_a_store_damaged_by_the_crash_is_set_aside_at_the_next_start(data: Path) -> None:
    said: list[str] = []
    with run_broker(data, say=said.append) as broker:
        broker.kill()
        (broker.log_file.parent / "state" / "mosquitto.db").write_bytes(b"\0" * 512)
        broker.start()
        _publish(broker, "kept", b"again", retain=True)
    assert len(said) == 1


@pytest.mark.usefixtures("mosquitto")
def test_a_broker_that_fails_for_another_reason_keeps_its_store(data: Path) -> None:
    with run_broker(data) as broker:
        _publish(broker, "kept", b"retained", retain=True)
    (store,) = data.rglob("mosquitto.db")
    before = store.read_bytes()
    with (
        socket.socket() as taken,
        pytest.raises(BrokerFailed, match=r"Address already in use.*broker\.log"),
        run_broker(data, port=_bind(taken)),
    ):
        pass
    assert store.read_bytes() == before


def test_amqtt_stands_in_and_says_what_that_costs(
    data: Path,
) -> None:
    said: list[str] = []
    with run_broker(data, kind=BrokerKind.AMQTT, say=said.append) as broker:
        assert broker.kind is BrokerKind.AMQTT
        _publish(broker, "kept", b"retained", retain=True)
        assert _receive(broker, "kept") == b"retained"
    assert "apt install mosquitto" in " ".join(said)


@pytest.mark.usefixtures("mosquitto")
def test_two_brokers_do_not_share_a_folder(data: Path) -> None:
    with run_broker(data), pytest.raises(DataInUse), run_broker(data):
        pass
