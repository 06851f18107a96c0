"""The private broker: mosquitto keeps its state, amqtt stands in and says what that costs."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from motcua.errors import DataInUse
from motcua.local.broker import Broker, BrokerKind, run_broker

pytestmark = pytest.mark.integration


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
