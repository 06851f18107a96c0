"""Which addresses messages may be sent to: nobody makes the server call into its own network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from server.errors import AddressRefused
from server.webhooks.settings import Network

LONGEST = 2_000

_Ip = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect. The name was resolved once: whoever rules it cannot lead us elsewhere
    between the check and the connection.
    """

    url: str
    host: str
    ip: _Ip

    @property
    def connect_to(self) -> str:
        """The address with the IP address in the place of the name."""
        split = urlsplit(self.url)
        literal = f"[{self.ip}]" if self.ip.version == 6 else str(self.ip)
        port = "" if split.port is None else f":{split.port}"
        return split._replace(netloc=literal + port).geturl()


def parse_address(address: str) -> SplitResult:
    """Return the parts of an address; raise AddressRefused for what is no plain web address."""
    if len(address) > LONGEST:
        raise AddressRefused(f"the address is longer than {LONGEST} characters")
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError as error:
        raise AddressRefused(f"the address cannot be read: {error}") from error
    if split.scheme not in ("http", "https") or not split.hostname or port == 0:
        raise AddressRefused("the address must look like https://HOST/PATH")
    if split.username is not None or split.password is not None or split.fragment:
        raise AddressRefused("the address may hold neither a user's name nor a fragment")
    return split


async def resolve(address: str, networks: Sequence[Network]) -> Target:
    """Return where to connect for an address.

    Raises AddressRefused where the host has no address, or one that is neither public nor in
    `networks`.
    """
    split = parse_address(address)
    host = split.hostname or ""
    port = split.port or (443 if split.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"host {host!r} is not found: {error}") from error
    ips = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    require_allowed(ips, networks, encrypted=split.scheme == "https")
    return Target(url=address, host=host, ip=ips[0])


def require_allowed(ips: Iterable[_Ip], networks: Sequence[Network], *, encrypted: bool) -> None:
    """Raise AddressRefused unless every address is in `networks`, or public and encrypted."""
    for ip in ips:
        inner = getattr(ip, "ipv4_mapped", None) or ip
        if any(inner in network for network in networks):
            continue
        if not inner.is_global or inner.is_multicast:
            raise AddressRefused(
                f"{inner} is not public; MOTCUA_WEBHOOK_NETWORKS lists networks that are allowed"
            )
        if not encrypted:
            raise AddressRefused("outside the allowed networks the address must begin with https:")
