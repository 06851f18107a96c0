"""Opens the socket that a server listens on, or says why it cannot."""

from __future__ import annotations

import errno
import socket

from runtime.errors import AddressUnusable, PortTaken

BACKLOG = 2048
"""Connections that may wait to be accepted: a province's screens return together."""


ALL_IPV6 = "::"


def in_url(host: str) -> str:
    """Return `host` as it stands before a port or in a URL: addresses of IPv6 in brackets."""
    return f"[{host.replace('%', '%25')}]" if ":" in host else host


def listen(host: str, port: int) -> socket.socket:
    """Return a TCP socket that listens on `host` and `port`; port 0 takes a free one.

    `::` stands for all addresses of this machine, those of IPv4 included. Raises PortTaken or
    AddressUnusable.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    everywhere = host == ALL_IPV6 and socket.has_dualstack_ipv6()
    try:
        listener = socket.create_server(
            (host, port), family=family, backlog=BACKLOG, dualstack_ipv6=everywhere
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken by another program; "
                "stop it, or choose another port with --port"
            ) from error
        raise AddressUnusable(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            "choose another address with --host or --port"
        ) from error
    # Connections inherit it. asyncio sets it on sockets of its own alone, and without it an answer
    # in two pieces waits 40 ms for the client's delayed acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
