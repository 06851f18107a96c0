"""The MQTT client of a device's processes: paho with our time limits and TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from runtime.broker import BrokerAddress

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEEPALIVE_S = 30
"""A broker that is silent for one and a half times this long is taken for gone."""

CONNECT_TIMEOUT_S = 5.0


def make_client(
    broker: BrokerAddress, *, client_id: str, clean_session: bool, in_flight: int = 20
) -> Client:
    """Return a client for one connection; it does not connect again by itself.

    MQTT 3.1.1, which every broker speaks. TLS checks the certificate against the system's
    authorities; the environment's SSL_CERT_FILE names others.
    """
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=clean_session,
        protocol=MQTTProtocolVersion.MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.max_inflight_messages_set(in_flight)
    if broker.user is not None:
        client.username_pw_set(broker.user, broker.password)
    if broker.tls:
        client.tls_set_context(ssl.create_default_context())
    return client
