"""A unit as ingest sees it: publishes any bytes on any topic, and hears its acks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import paho.mqtt.client as mqtt

from contract.codec import encode
from contract.messages import Ack, Upstream
from contract.topics import ROOT, STREAM_OF, Address
from tests.server.build import HERE
from tests.waiting import eventually


class Publisher:
    """Publishes at QoS 1 and collects every Ack of every device."""

    def __init__(self, client: mqtt.Client) -> None:
        self._client = client
        self._acks: list[Ack] = []
        self._lock = threading.Lock()

    def send(self, message: Upstream, address: Address = HERE, *, retain: bool = False) -> None:
        """Publish a message of the contract on its topic."""
        self.send_raw(address.topic(STREAM_OF[type(message)]), encode(message), retain=retain)

    def send_raw(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish any bytes on any topic."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def committed(self) -> list[UUID]:
        """Return the ids that ingest called committed so far."""
        with self._lock:
            return [message for ack in self._acks for message in ack.ids]

    def quarantined(self) -> list[UUID]:
        """Return the ids that ingest called quarantined so far."""
        with self._lock:
            return [message for ack in self._acks for message in ack.quarantined]

    def held(self) -> list[UUID]:
        """Return the ids that ingest keeps without having judged them."""
        with self._lock:
            return [message for ack in self._acks for message in ack.held]

    def wait_for(self, *messages: Upstream, timeout_s: float = 60.0) -> None:
        """Wait until ingest has called all of `messages` committed."""
        wanted = {message.id for message in messages}
        eventually(lambda: wanted <= set(self.committed()), timeout_s, what="the ack")

    def take(self, payload: bytes) -> None:
        """Keep an Ack."""
        with self._lock:
            self._acks.append(msgspec.json.decode(payload, type=Ack))


@contextmanager
def publisher(url: str) -> Iterator[Publisher]:
    """Connect to the broker at `url` while the block runs."""
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=f"publisher-{uuid4().hex[:12]}"
    )
    client.max_inflight_messages_set(1000)
    ready = threading.Event()
    unit = Publisher(client)
    client.on_message = lambda _client, _userdata, message: unit.take(bytes(message.payload))
    client.on_connect = lambda client, *_: client.subscribe(f"{ROOT}/+/+/+/ack", qos=1)
    client.on_subscribe = lambda *_: ready.set()
    where = urlsplit(url)
    client.connect(where.hostname or "127.0.0.1", where.port or 1883)
    client.loop_start()
    assert ready.wait(30), "the broker did not take the subscription"
    try:
        yield unit
    finally:
        client.disconnect()
        client.loop_stop()
