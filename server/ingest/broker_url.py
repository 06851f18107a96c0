"""Reads mqtt://user:password@host:port."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from server.errors import ConfigurationError

DEFAULT_PORT = 1883
DEFAULT_TLS_PORT = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerUrl:
    """Where the broker is and who we are there."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"BrokerUrl({self})"


def parse_broker_url(url: str) -> BrokerUrl:
    """Return the parts of `url`; ConfigurationError says what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        # Not the error's own words: what it takes for a port may be a part of the password.
        raise ConfigurationError(f"--broker cannot be read; {_EXPECTED}") from error
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ConfigurationError(f"--broker has no mqtt:// scheme or no host; {_EXPECTED}")
    tls = parts.scheme == "mqtts"
    return BrokerUrl(
        host=parts.hostname,
        port=port or (DEFAULT_TLS_PORT if tls else DEFAULT_PORT),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
    )


_EXPECTED = (
    "expected mqtt://user:password@host:port with special characters percent-encoded (%2F for /)"
)
