"""Where the broker is and how to speak to it: its address, and a paho client for it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from edge.errors import BrokerError

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEEPALIVE_S = 30
"""A broker that is silent for one and a half times this long is taken for gone."""

CONNECT_TIMEOUT_S = 5.0

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """The parts of a broker's URL; `str()` leaves the password out."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address in mqtt[s]://[user[:password]@]host[:port]; raise BrokerError."""
        advice = "write mqtt://user:password@host:port, or mqtts:// for TLS"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BrokerError(f"broker address: {error}; {advice}") from error
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            shown = f"{parts.scheme}://{parts.hostname or ''}"
            raise BrokerError(f"broker address {shown} cannot be used; {advice}")
        return cls(
            host=parts.hostname,
            port=port or _DEFAULT_PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )

    def __str__(self) -> str:
        scheme = "mqtts" if self.tls else "mqtt"
        user = "" if self.user is None else f"{self.user}@"
        return f"{scheme}://{user}{self.host}:{self.port}"


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
