"""Whether another unit speaks as this one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import DeviceStatus, Health
from contract.problems import ProblemCode
from contract.topics import Stream
from edge.broker import make_client
from edge.check.findings import Finding, fail, ok, told, warn
from edge.errors import StoreError
from edge.health import STALE_AFTER_S
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from runtime.broker import BrokerAddress
from runtime.errors import BrokerAddressInvalid

if TYPE_CHECKING:
    from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

_ANSWERS_WITHIN_S = 3.0
_CURRENT = timedelta(seconds=STALE_AFTER_S)


def check_identity(settings: EdgeSettings) -> Iterator[Finding]:
    """Yield whether the relay has found another unit of this name, or one is connected now.

    Nothing where the broker is away, which another check says.
    """
    try:
        yield _judge(settings, _relay(settings))
    except (OSError, ValueError, BrokerAddressInvalid):
        return


def _judge(settings: EdgeSettings, relay: ProcessStatus | None) -> Finding:
    for problem in relay.problem_reports if relay else ():
        if problem.code == ProblemCode.IDENTITY_SHARED:
            return fail("identity", problem.text, told("rename_unit"))
    address = settings.device.address
    name = f"{address.unit}/{address.counter}/{address.device}"
    health = _newest_health(settings)
    if health is None:
        return ok("identity", told("identity", name=name))
    where = health.local_address or "–"
    if relay is None:
        if health.status is DeviceStatus.ONLINE and _is_current(health):
            return warn(
                "identity",
                told("identity_without_relay", name=name, where=where),
                told("rename_unit"),
            )
    elif relay.run is not None and health.run not in (None, relay.run):
        return fail("identity", told("identity_taken", name=name, where=where), told("rename_unit"))
    return ok("identity", told("identity", name=name))


def _relay(settings: EdgeSettings) -> ProcessStatus | None:
    """Return what the relay of this machine says, None while it is silent."""
    store = settings.store
    if not store.path.exists():
        return None
    try:
        with Outbox.open(
            store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb
        ) as outbox:
            found = outbox.statuses().get(ProcessName.RELAY)
    except StoreError:
        return None  # another check says why
    if found is None or found.age_s is None or found.age_s > STALE_AFTER_S:
        return None
    return found.status


def _is_current(health: Health) -> bool:
    return abs(datetime.now(UTC) - health.observed_at) <= _CURRENT


def _newest_health(settings: EdgeSettings) -> Health | None:
    """Return what the broker has retained of this device; None where there is none to read."""
    broker = BrokerAddress.parse(settings.broker.url)
    address = settings.device.address
    topic, found = address.topic(Stream.HEALTH), threading.Event()
    payloads: list[bytes] = []

    def on_connect(
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            found.set()
        else:
            client.subscribe(topic)

    def on_message(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        payloads.append(bytes(message.payload))
        found.set()

    client = make_client(
        broker, client_id=f"motcua-check-identity-{os.getpid()}", clean_session=True
    )
    client.on_connect, client.on_message = on_connect, on_message
    try:
        client.connect(broker.host, broker.port)
        client.loop_start()
        found.wait(_ANSWERS_WITHIN_S)
    finally:
        client.disconnect()
        client.loop_stop()
    try:
        message = decode(Stream.HEALTH, payloads[0], address=address) if payloads else None
    except ContractError:
        return None
    return message if isinstance(message, Health) else None
