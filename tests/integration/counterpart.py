"""The server's side of MQTT as tests need it: it hears every message and confirms when told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from paho.mqtt.client import Client, MQTTMessage

from contract.codec import decode, encode
from contract.messages import Ack, Health, Message
from contract.topics import Address, Stream, parse_topic, upstream_filters
from edge.broker import make_client
from runtime.broker import BrokerAddress

CONNECT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message that reached the server's side."""

    stream: Stream
    message: Message
    payload: bytes
    retained: bool


class Counterpart:
    """Listens to one device; with `confirming` it acknowledges each message at once."""

    def __init__(self, client: Client, address: Address) -> None:
        self.confirming = False
        self._client = client
        self._address = address
        self._heard: list[Heard] = []
        self._lock = threading.Lock()

    def heard(self, *, health: bool = False) -> list[Heard]:
        """Return what was heard so far: the outbox's messages, or the health messages."""
        with self._lock:
            return [heard for heard in self._heard if (heard.stream is Stream.HEALTH) is health]

    def healths(self) -> list[Health]:
        """Return the health messages heard so far."""
        return [h.message for h in self.heard(health=True) if isinstance(h.message, Health)]

    def confirm(self, ids: tuple[UUID, ...] = (), quarantined: tuple[UUID, ...] = ()) -> None:
        """Acknowledge messages as the ingest does after COMMIT."""
        ack = Ack(
            schema=1,
            device=self._address.device,
            committed_at=datetime.now(UTC),
            ids=ids,
            quarantined=quarantined,
        )
        self.publish(Stream.ACK, encode(ack))

    def publish(self, stream: Stream, payload: bytes, *, retain: bool = False) -> None:
        """Send something downstream to the device."""
        self._client.publish(self._address.topic(stream), payload, qos=1, retain=retain)

    def take(self, message: MQTTMessage) -> None:
        """Keep a message, and confirm it when that is wanted."""
        address, stream = parse_topic(message.topic)
        if address != self._address:
            return
        payload = bytes(message.payload)
        decoded = decode(stream, payload, address=address)
        with self._lock:
            self._heard.append(
                Heard(stream=stream, message=decoded, payload=payload, retained=message.retain)
            )
        if self.confirming and stream is not Stream.HEALTH and not isinstance(decoded, Ack):
            self.confirm((decoded.id,))


@contextmanager
def counterpart(url: str, address: Address) -> Iterator[Counterpart]:
    """Listen at the broker `url` for what `address` sends."""
    client = make_client(
        BrokerAddress.parse(url), client_id=f"test-{uuid4().hex[:12]}", clean_session=True
    )
    ready = threading.Event()
    server = Counterpart(client, address)
    client.on_message = lambda _client, _userdata, message: server.take(message)
    client.on_connect = lambda client, *_: client.subscribe(
        [(topic, 1) for topic in upstream_filters()]
    )
    client.on_subscribe = lambda *_: ready.set()
    client.connect(BrokerAddress.parse(url).host, BrokerAddress.parse(url).port)
    client.loop_start()
    assert ready.wait(CONNECT_S), "the broker did not take the subscription"
    try:
        yield server
    finally:
        client.disconnect()
        client.loop_stop()


def ids_of(heard: list[Heard]) -> list[UUID]:
    """Return the ids of `heard`, in order."""
    return [h.message.id for h in heard if not isinstance(h.message, Ack)]


def first_times(ids: list[UUID]) -> list[UUID]:
    """Return `ids` without the repetitions: a busy relay may send something again."""
    return list(dict.fromkeys(ids))
