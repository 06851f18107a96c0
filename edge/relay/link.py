"""One connection to the broker, from the attempt to the loss: paho at the rim, events inside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from contract.topics import STREAMS, Address, Direction, Stream
from edge.broker import KEEPALIVE_S, BrokerAddress, make_client
from edge.relay.window import SIZE

if TYPE_CHECKING:
    from paho.mqtt.client import (
        Client,
        ConnectFlags,
        DisconnectFlags,
        MQTTMessage,
        SocketLike,
    )
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

FAREWELL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The broker has accepted the connection and its subscriptions."""

    session: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The connection has ended, or could not be made; `reason` is the broker's or the system's."""

    session: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message from the broker."""

    session: UUID
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The process was asked to stop."""


Event: TypeAlias = Ready | Lost | Arrived | Stop
Events: TypeAlias = "SimpleQueue[Event]"


class Link:
    """A connection that reports what happens to `events` and never connects a second time.

    A fresh client for every connection holds no queue of its own: what is sent again is decided
    by the window alone. The broker keeps the session (`clean_session` is off), so that messages
    for the unit wait there while it is away.
    """

    def __init__(
        self, broker: BrokerAddress, address: Address, *, session: UUID, will: bytes, events: Events
    ) -> None:
        self.session = session
        self._broker = broker
        self._address = address
        self._events = events
        self._lost = threading.Lock()
        self._closed = threading.Event()
        self._looping = threading.Lock()
        self._client: Client = make_client(
            broker,
            # The whole address: two of one name would throw each other out for ever.
            client_id=f"motcua.{address.unit}.{address.counter}.{address.device}",
            clean_session=False,
            in_flight=SIZE,
        )
        self._client.will_set(address.topic(Stream.HEALTH), will, qos=1, retain=True)
        self._client.on_socket_open = _abort_when(self._closed)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    def start(self) -> None:
        """Begin to connect; `Ready` or `Lost` follows. A slow name server does not block it."""
        threading.Thread(target=self._connect, name="broker-connect", daemon=True).start()

    def publish(self, stream: Stream, payload: bytes) -> None:
        """Hand a message to the broker; only the server's ack says that it was stored."""
        spec = STREAMS[stream]
        self._client.publish(self._address.topic(stream), payload, qos=spec.qos, retain=spec.retain)

    def close(self, farewell: bytes | None = None) -> None:
        """Disconnect; `farewell` is the health message that takes the last will's place."""
        self._closed.set()
        if farewell is not None and self._client.is_connected():
            sent = self._client.publish(
                self._address.topic(Stream.HEALTH), farewell, qos=1, retain=True
            )
            # It raises when the connection is lost meanwhile; then the last will says the same.
            with suppress(RuntimeError, ValueError):
                sent.wait_for_publish(FAREWELL_S)
        self._client.disconnect()
        with self._looping:  # paho cannot stop a loop whose thread is just being started
            self._client.loop_stop()
        # Else link and client would hold each other, and the client its sockets, until the next
        # collection of garbage.
        self._client.on_connect = self._client.on_subscribe = None
        self._client.on_message = self._client.on_disconnect = None

    def _connect(self) -> None:
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._report_loss(str(error) or type(error).__name__)
        else:
            with self._looping:
                self._client.loop_start()

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._report_loss(f"the broker refused the connection: {reason}")
            return
        down = [spec for spec in STREAMS.values() if spec.direction is Direction.DOWN]
        client.subscribe([(self._address.topic(spec.stream), spec.qos) for spec in down])

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        # Without its acks the unit would send everything forever.
        if any(reason.is_failure for reason in reasons):
            self._report_loss("the broker refused the subscription to the unit's own topics")
        else:
            self._events.put(Ready(session=self.session))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._events.put(
            Arrived(session=self.session, topic=message.topic, payload=bytes(message.payload))
        )

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._report_loss(f"the connection ended: {reason}")

    def _report_loss(self, reason: str) -> None:
        if self._lost.acquire(blocking=False):
            self._events.put(Lost(session=self.session, reason=reason))


def _abort_when(closed: threading.Event) -> Callable[[Client, object, SocketLike], None]:
    """Return what aborts a connection that is made after its link was `closed`.

    A slow name server or handshake may answer long after the link was given up; greeting the
    broker then would throw out the link that took its place.
    """

    def on_socket_open(_client: Client, _userdata: object, connection: SocketLike) -> None:
        if closed.is_set():
            connection.close()
            raise ConnectionAbortedError("the connection was given up")

    return on_socket_open
