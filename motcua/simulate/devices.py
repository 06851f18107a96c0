"""One simulated device on the broker: its own connection and last will, acknowledgement, resends.

A connection has a single last will, so every device has a connection of its own, as real ones
do; that is how the broker reports a broken simulated device as offline. All
connections share one thread, driven by `publisher`.
"""

from __future__ import annotations

import contextlib
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from contract.codec import decode, encode
from contract.errors import MessageError
from contract.identifiers import new_id
from contract.messages import Ack, DeviceStatus, Health
from contract.topics import STREAMS, Address, Stream
from edge.broker import make_client
from motcua.simulate.pending import PendingMessage, PendingMessages
from runtime.backoff import Backoff
from runtime.broker import BrokerAddress

if TYPE_CHECKING:
    from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

WINDOW = 200
RESEND_AFTER_S = 20.0
HEARTBEAT_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_IN_FLIGHT = 100

log = structlog.get_logger()


class Device:
    """Publishes what is added as long as it is allowed to be online."""

    def __init__(self, address: Address, broker: BrokerAddress, *, started_at: datetime) -> None:
        self.address = address
        self.pending = PendingMessages(window=WINDOW, resend_after_s=RESEND_AFTER_S)
        self.acknowledged = 0
        self.client: Client | None = None
        self._broker = broker
        self._started_at = started_at
        # A restart goes on with higher numbers: far fewer than 1,000 a second are sent.
        self._seq = int(started_at.timestamp() * 1000)
        self._session = new_id(started_at)
        self._connected = False
        self._next_attempt_s = 0.0
        self._next_heartbeat_s = 0.0
        self._backoff = Backoff(_FIRST_PAUSE_S, _LONGEST_PAUSE_S)

    def next_seq(self) -> int:
        """Return the number of the device's next message."""
        self._seq += 1
        return self._seq

    def add(self, message: PendingMessage) -> None:
        """Keep `message` until the server has acknowledged it."""
        self.pending.add(message)

    def wants_connection(self, now_s: float) -> bool:
        """Return whether it is time to connect (again)."""
        return self.client is None and now_s >= self._next_attempt_s

    def connect(self, now_s: float) -> Client | None:
        """Open a connection and return its client; None when the broker cannot be reached."""
        self._session = new_id(datetime.now(UTC))
        client = make_client(
            self._broker,
            client_id=f"motcua-simulated-{self.address.unit}-{self.address.device}",
            clean_session=True,
            in_flight=_IN_FLIGHT,
        )
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        will = self._health(datetime.now(UTC), DeviceStatus.OFFLINE)
        client.will_set(self._topic(Stream.HEALTH), encode(will), qos=1, retain=True)
        self._next_attempt_s = now_s + self._backoff.next_s()
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=30)
        except OSError as error:
            log.warning("broker_away", broker=str(self._broker), why=str(error))
            return None
        self.client = client
        return client

    def publish_due(self, now_s: float) -> None:
        """Send what may be sent, and the heartbeat when it is time."""
        if self.client is None or not self._connected:
            return
        for message in self.pending.take(now_s):
            self.client.publish(message.topic, message.payload, qos=1)
        if now_s >= self._next_heartbeat_s:
            self._next_heartbeat_s = now_s + HEARTBEAT_S
            self._publish_health(DeviceStatus.ONLINE)

    def break_off(self) -> None:
        """Break the connection without a disconnect packet: the broker sends the last will."""
        found = self.client.socket() if self.client else None
        if isinstance(found, socket.socket):
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Report offline and disconnect: the wall shows it at once."""
        if self.client and self._connected:
            self._publish_health(DeviceStatus.OFFLINE)
            self.client.disconnect()

    def _publish_health(self, status: DeviceStatus) -> None:
        assert self.client is not None
        health = encode(self._health(datetime.now(UTC), status))
        self.client.publish(self._topic(Stream.HEALTH), health, qos=1, retain=True)

    def _health(self, now: datetime, status: DeviceStatus) -> Health:
        return Health(
            id=new_id(now),
            device=self.address.device,
            seq=self.next_seq(),
            observed_at=now,
            schema=STREAMS[Stream.HEALTH].version,
            status=status,
            session=self._session,
            software="simulation",
            uptime_s=(now - self._started_at).total_seconds(),
            outbox_depth=len(self.pending),
            simulated=True,
        )

    def _topic(self, stream: Stream) -> str:
        return self.address.topic(stream)

    def _on_connect(
        self,
        client: Client,
        userdata: None,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.warning("broker_refused", device=self.address.device, why=str(reason))
            return
        self._connected = True
        self._backoff.reset()
        self._next_heartbeat_s = 0.0
        self.pending.recall_all()
        client.subscribe(self._topic(Stream.ACK), qos=1)

    def _on_disconnect(
        self,
        client: Client,
        userdata: None,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._connected = False
        self.client = None

    def _on_message(self, client: Client, userdata: None, message: MQTTMessage) -> None:
        try:
            ack = decode(Stream.ACK, bytes(message.payload), address=self.address)
        except MessageError as error:
            log.warning("ack_refused", device=self.address.device, why=str(error))
            return
        if isinstance(ack, Ack):
            _warn_of_quarantine(self.address, ack.quarantined)
            self.acknowledged += self.pending.acknowledge((*ack.ids, *ack.quarantined))


def _warn_of_quarantine(address: Address, ids: tuple[UUID, ...]) -> None:
    if ids:
        log.warning("messages_quarantined", device=address.device, count=len(ids))
