"""One connection to the broker, from the attempt to its end, as events for the relay's loop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from contract.topics import STREAMS, Address, Direction, Stream
from edge.broker import KEEPALIVE_S, make_client
from edge.relay.send_window import SIZE
from runtime.broker import BrokerAddress

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

OFFLINE_TIMEOUT_S = 2.0
"""How long the offline message may take before the connection is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The broker has accepted the connection and its subscriptions."""

    session: UUID
    local_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The connection has ended, or could not be made; `reason` is the broker's or the system's."""

    session: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message from the broker."""

    session: UUID
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The process was asked to stop."""


Event: TypeAlias = Connected | Disconnected | Received | Stop
Events: TypeAlias = "SimpleQueue[Event]"


class BrokerConnection:
    """A connection that reports what happens to `events` and never connects a second time.

    A fresh client for every connection holds no queue of its own: what is sent again is decided
    by the window alone. The broker keeps the session (`clean_session` is off), so that messages
    for the device wait there while it is offline.
    """

    def __init__(
        self, broker: BrokerAddress, address: Address, *, session: UUID, will: bytes, events: Events
    ) -> None:
        self.session = session
        self._broker = broker
        self._address = address
        self._events = events
        self._loss_reported = threading.Lock()
        self._closed = threading.Event()
        self._loop_lock = threading.Lock()
        self._needed_mid: int | None = None
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
        """Begin to connect; `Connected` or `Disconnected` follows, however slow the name server."""
        threading.Thread(target=self._connect, name="broker-connect", daemon=True).start()

    def publish(self, stream: Stream, payload: bytes) -> None:
        """Hand a message to the broker; only the server's ack confirms that it was stored."""
        spec = STREAMS[stream]
        self._client.publish(self._address.topic(stream), payload, qos=spec.qos, retain=spec.retain)

    def close(self, offline: bytes | None = None) -> None:
        """Disconnect; the health message `offline` is sent in place of the last will."""
        self._closed.set()
        if offline is not None and self._client.is_connected():
            sent = self._client.publish(
                self._address.topic(Stream.HEALTH), offline, qos=1, retain=True
            )
            # It raises when the connection is lost meanwhile; then the last will is sent.
            with suppress(RuntimeError, ValueError):
                sent.wait_for_publish(OFFLINE_TIMEOUT_S)
        self._client.disconnect()
        with self._loop_lock:  # paho cannot stop a loop whose thread is just being started
            self._client.loop_stop()
        # Else the client, and with it this connection, would keep its sockets until the next
        # garbage collection: they refer to each other.
        self._client.on_connect = self._client.on_subscribe = None
        self._client.on_message = self._client.on_disconnect = None

    def _connect(self) -> None:
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._report_loss(str(error) or type(error).__name__)
        else:
            with self._loop_lock:
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
        needed = [(self._address.topic(spec.stream), spec.qos) for spec in down]
        self._needed_mid = client.subscribe(needed)[1]
        # Whoever else speaks as this device is heard there; a broker that does not allow it only
        # keeps us from knowing.
        client.subscribe(self._address.topic(Stream.HEALTH), qos=0)

    def _on_subscribe(
        self,
        client: Client,
        _userdata: object,
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if mid != self._needed_mid:
            return
        # Without its acks the device would send everything forever.
        if any(reason.is_failure for reason in reasons):
            self._report_loss("the broker refused the subscription to the device's own topics")
        else:
            self._events.put(Connected(session=self.session, local_address=_local_address(client)))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._events.put(
            Received(session=self.session, topic=message.topic, payload=bytes(message.payload))
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
        if self._loss_reported.acquire(blocking=False):
            self._events.put(Disconnected(session=self.session, reason=reason))


def _local_address(client: Client) -> str | None:
    """Return from which of its addresses this machine reaches the broker."""
    connection = client.socket()
    if not isinstance(connection, socket.socket):  # it ended meanwhile
        return None
    try:
        return str(connection.getsockname()[0])
    except OSError:
        return None


def _abort_when(closed: threading.Event) -> Callable[[Client, object, SocketLike], None]:
    """Return what aborts a connection that is made after it was `closed` here.

    A slow name server or handshake may answer long after the attempt was given up; a CONNECT
    sent then would throw out the connection that took its place.
    """

    def on_socket_open(_client: Client, _userdata: object, connection: SocketLike) -> None:
        if closed.is_set():
            connection.close()
            raise ConnectionAbortedError("the connection was given up")

    return on_socket_open
