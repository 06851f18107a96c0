"""The MQTT side of ingest: receives without acknowledging, acknowledges what is committed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.topics import upstream_filters
from runtime.broker import BrokerAddress
from server.ingest.deliveries import Delivery, DeliveryQueue

KEEPALIVE_S = 30
OUTGOING_WINDOW = 1_000
"""Ack messages under way to the broker at once."""
OUTGOING_QUEUE = 20_000
"""Ack messages kept while the broker is away; a lost one only makes a device send again."""

CONTESTED_AFTER = 3
"""So many connections in a row that ended within SHORT_S: another client takes our name."""
SHORT_S = 5.0

log = structlog.get_logger()


class Subscriber:
    """A persistent MQTT 3.1.1 session. The queue fills from the network's own thread.

    Packet ids belong to one connection: after a reconnect the broker sends again what was not
    acknowledged, so that a delivery of an older connection is never acknowledged.
    """

    def __init__(self, broker: BrokerAddress, client_id: str, queue: DeliveryQueue) -> None:
        self._broker = broker
        self._queue = queue
        self._stopping = False
        self._connection = 0
        self._client_id = client_id
        self._connected_at = -math.inf
        self._short_connections = 0
        self._client = self._new_client(client_id)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Connect in the background, and keep connecting, until the block ends."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        try:
            yield
        finally:
            self._stopping = True
            self._queue.stop()
            self._client.disconnect()
            self._client.loop_stop()

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Send the broker's PUBACKs for deliveries of the present connection."""
        ack, connection = self._client.ack, self._connection
        for _, _, packet, qos, received_on, _ in deliveries:
            if qos and received_on == connection:
                ack(packet, qos)

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._client.is_connected()

    def retain(self, topic: str, payload: bytes) -> None:
        """Make the broker retain `payload` on `topic`; an empty one makes it forget."""
        self._client.publish(topic, payload, qos=1, retain=True)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at QoS 1; waits in a bounded queue while the broker is away."""
        info = self._client.publish(topic, payload, qos=1)
        if info.rc is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            log.warning("ack_dropped", topic=topic, queue=OUTGOING_QUEUE)

    def _new_client(self, client_id: str) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        client.max_inflight_messages_set(OUTGOING_WINDOW)
        client.max_queued_messages_set(OUTGOING_QUEUE)
        client.reconnect_delay_set(min_delay=1, max_delay=5)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
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
        received_s = None if message.retain else time.monotonic()
        self._queue.put(
            (topic, bytes(message.payload), message.mid, message.qos, self._connection, received_s)
        )

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
        self._connected_at = time.monotonic()
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
        if self._stopping:
            return
        log.warning("broker_lost", broker=str(self._broker), reason=str(reason))
        short = time.monotonic() - self._connected_at < SHORT_S
        self._short_connections = self._short_connections + 1 if short else 0
        if self._short_connections == CONTESTED_AFTER:
            log.error(
                "client_id_contested",
                client_id=self._client_id,
                next="run one ingest, or give each its own MOTCUA_INGEST_CLIENT_ID",
            )
