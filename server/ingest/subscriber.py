"""The MQTT side of ingest: receives without acknowledging, acknowledges what is committed."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.topics import upstream_filters
from server.ingest.broker_url import BrokerUrl
from server.ingest.settings import IngestSettings

KEEPALIVE_S = 30
OUTGOING_WINDOW = 1_000
"""Ack messages under way to the broker at once."""
OUTGOING_QUEUE = 20_000
"""Ack messages kept while the broker is away; a lost one only makes a unit send again."""

HOLD_BACK_REPORT_S = 60.0
"""An outage fills the room again and again: say so once a minute."""

Delivery: TypeAlias = tuple[str, bytes, int, int, int]
"""Topic, payload, packet id, QoS, and the connection's number. A plain tuple, one per message."""

log = structlog.get_logger()


class Subscriber:
    """A persistent MQTT 3.1.1 session. `deliveries` fills from the network's own thread.

    Packet ids belong to one connection: after a reconnect the broker sends again what was not
    acknowledged, so that a delivery of an older connection is never acknowledged.
    """

    def __init__(self, broker: BrokerUrl, settings: IngestSettings) -> None:
        self._broker = broker
        self._settings = settings
        self._deliveries: deque[Delivery] = deque()
        self._arrived = threading.Event()
        self._full = threading.Event()
        self._drained = threading.Event()
        self._stopping = threading.Event()
        self._connection = 0
        self._held_back_at = -math.inf
        self._client = self._new_client()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Connect in the background, and keep connecting, until the block ends."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        try:
            yield
        finally:
            self.stop()
            self._client.disconnect()
            self._client.loop_stop()

    def stop(self) -> None:
        """Wake everything that waits; safe in a signal handler."""
        self._stopping.set()
        self._arrived.set()
        self._full.set()
        self._drained.set()

    def collect(self, timeout_s: float) -> list[Delivery]:
        """Return the next batch; empty when nothing arrives in time.

        A batch ends when it is full, when it is old enough, or when deliveries pause.
        """
        if not self._arrived.wait(timeout_s):
            return []
        settings = self._settings
        deadline = time.monotonic() + settings.batch_wait_s
        seen = -1
        while seen < len(self._deliveries) < settings.batch_messages:
            if time.monotonic() >= deadline:
                break
            seen = len(self._deliveries)
            self._full.wait(settings.quiet_s)
        self._full.clear()
        batch = self._take(settings.batch_messages)
        self._drained.set()
        return batch

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Send the broker's PUBACKs for deliveries of the present connection."""
        ack, connection = self._client.ack, self._connection
        for _, _, packet, qos, received_on in deliveries:
            if qos and received_on == connection:
                ack(packet, qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at QoS 1; waits in a bounded queue while the broker is away."""
        info = self._client.publish(topic, payload, qos=1)
        if info.rc is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            log.warning("ack_dropped", topic=topic, queue=OUTGOING_QUEUE)

    def _take(self, limit: int) -> list[Delivery]:
        deliveries = self._deliveries
        batch = [deliveries.popleft() for _ in range(min(limit, len(deliveries)))]
        if not deliveries and not self._stopping.is_set():
            self._arrived.clear()
            if deliveries:
                self._arrived.set()
        return batch

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        client.max_inflight_messages_set(OUTGOING_WINDOW)
        client.max_queued_messages_set(OUTGOING_QUEUE)
        client.reconnect_delay_set(min_delay=1, max_delay=5)
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.tls:
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(not UTF-8)"
        deliveries = self._deliveries
        deliveries.append(
            (topic, bytes(message.payload), message.mid, message.qos, self._connection)
        )
        if not self._arrived.is_set():
            self._arrived.set()
        waiting = len(deliveries)
        if waiting == self._settings.batch_messages:
            self._full.set()
        if waiting >= self._settings.pending_messages:
            self._hold_back()

    def _hold_back(self) -> None:
        """Stop reading from the broker until the writer has made room: memory stays bounded."""
        if time.monotonic() - self._held_back_at >= HOLD_BACK_REPORT_S:
            self._held_back_at = time.monotonic()
            log.warning("ingest_holds_back", pending=len(self._deliveries))
        while (
            len(self._deliveries) >= self._settings.pending_messages and not self._stopping.is_set()
        ):
            self._drained.clear()
            self._drained.wait(1.0)

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.error("broker_refused", broker=str(self._broker), reason=str(reason))
            return
        self._connection += 1
        client.subscribe([(pattern, 1) for pattern in upstream_filters()])
        log.info(
            "broker_connected", broker=str(self._broker), session_resumed=flags.session_present
        )

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _packet: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        for pattern, reason in zip(upstream_filters(), reasons, strict=False):
            if reason.is_failure:
                log.error("subscription_refused", filter=pattern, reason=str(reason))

    def _on_connect_fail(self, _client: mqtt.Client, _userdata: object) -> None:
        log.warning("broker_away", broker=str(self._broker), next="retrying every 1 to 5 s")

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not self._stopping.is_set():
            log.warning("broker_lost", broker=str(self._broker), reason=str(reason))
