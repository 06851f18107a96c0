"""The address of an MQTT broker: mqtt[s]://user:password@host:port."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from runtime.errors import BrokerAddressInvalid
from runtime.listening import in_url

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
_EXPECTED = (
    "write mqtt://user:password@host:port, or mqtts:// for TLS, with special characters "
    "percent-encoded (%2F for /)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and who we are there; `str()` and `repr()` leave the password out."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the parts of `url`; raise BrokerAddressInvalid, which repeats no password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            # Not the error's own words: what it takes for a port may be a part of the password.
            raise BrokerAddressInvalid(
                f"the broker's address cannot be read; {_EXPECTED}"
            ) from error
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise BrokerAddressInvalid(
                f"the broker's address has no mqtt:// scheme or no host; {_EXPECTED}"
            )
        return cls(
            host=parts.hostname,
            port=port or _DEFAULT_PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=unquote(parts.username) if parts.username else None,
            password=None if parts.password is None else unquote(parts.password),
        )

    def __str__(self) -> str:
        scheme = "mqtts" if self.tls else "mqtt"
        user = "" if self.user is None else f"{self.user}@"
        return f"{scheme}://{user}{in_url(self.host)}:{self.port}"
