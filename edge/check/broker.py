"""Whether the broker is there, accepts the device, and delivers its messages."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract.codec import encode
from contract.messages import Ack
from contract.topics import STREAMS, Stream
from edge.broker import make_client
from edge.check.findings import Finding, fail, ok, told, warn
from edge.settings import EdgeSettings
from runtime.broker import BrokerAddress
from runtime.errors import BrokerAddressInvalid

if TYPE_CHECKING:
    from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

_ANSWERS_WITHIN_S = 5.0


def check_broker(settings: EdgeSettings) -> Finding:
    """Send an acknowledgement of nothing to the device's own topic and wait for it to come back.

    It confirms no message, so that a relay that receives it too deletes none.
    """
    try:
        broker = BrokerAddress.parse(settings.broker.url)
    except BrokerAddressInvalid as error:
        return fail("broker", str(error))
    round_trip = _RoundTrip(broker, settings)
    try:
        return round_trip.run(broker)
    finally:
        round_trip.close()


class _RoundTrip:
    def __init__(self, broker: BrokerAddress, settings: EdgeSettings) -> None:
        self._topic = settings.device.address.topic(Stream.ACK)
        self._ack = encode(
            Ack(
                schema=STREAMS[Stream.ACK].version,
                device=settings.device.device,
                committed_at=datetime.now(UTC),
            )
        )
        self._refusal = ""
        self._answered = threading.Event()
        self._subscribed = threading.Event()
        self._returned = threading.Event()
        self._client: Client = make_client(
            broker, client_id=f"motcua-check-{os.getpid()}", clean_session=True
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message

    def run(self, broker: BrokerAddress) -> Finding:
        try:
            self._client.connect(broker.host, broker.port)
        except (OSError, ValueError) as error:
            return fail(
                "broker", told("broker_away", broker=broker, error=error), told("check_broker")
            )
        self._client.loop_start()
        if not self._answered.wait(_ANSWERS_WITHIN_S):
            return fail("broker", told("broker_silent", broker=broker), told("check_broker"))
        if self._refusal:
            return fail(
                "broker",
                told("broker_refuses", broker=broker, reason=self._refusal),
                told("check_broker"),
            )
        self._subscribed.wait(_ANSWERS_WITHIN_S)
        began_s = time.monotonic()
        self._client.publish(self._topic, self._ack, qos=1)
        if not self._returned.wait(_ANSWERS_WITHIN_S):
            return warn(
                "broker",
                told("broker_one_way", broker=broker),
                told("check_access"),
            )
        took_ms = (time.monotonic() - began_s) * 1000
        return ok("broker", told("broker", broker=broker, took_ms=took_ms))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
        else:
            client.subscribe(self._topic, qos=1)
        self._answered.set()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if bytes(message.payload) == self._ack:
            self._returned.set()
