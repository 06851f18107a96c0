"""Free TCP ports of this machine."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from motcua.errors import NoFreePort
from runtime.errors import PortTaken
from runtime.listening import listen

LOOPBACK = "127.0.0.1"
LOOPBACK_IPV6 = "::1"
_TRIES = 100
_UNASKED = range(20_000, 32_000)
"""Linux gives ports from 32768 on to connections, without being asked for one. A server that takes
one of those may find it taken when it starts again after a crash, even by a client of its own."""


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on `host` and `port` now.

    Raises AddressUnusable where no port of `host` would do, or this one for another reason.
    """
    try:
        listen(host, port).close()
    except PortTaken:
        return False
    return True


def answers(port: int, *, host: str = LOOPBACK, timeout_s: float = 0.5) -> bool:
    """Return whether something accepts connections on `host` and `port`."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def any_free(*, host: str = LOOPBACK) -> int:
    """Return a free port that the kernel gives to no connection; raise NoFreePort without one."""
    for port in random.sample(_UNASKED, _TRIES):
        if is_free(port, host=host):
            return port
    first, last = _UNASKED[0], _UNASKED[-1]
    raise NoFreePort(f"no free port is found from {first} to {last}: stop a service")


def free_from(first: int, *, host: str = LOOPBACK, taken: Collection[int] = ()) -> int:
    """Return the first free port from `first` on that is not in `taken`.

    Raises NoFreePort or AddressUnusable.
    """
    loopback = LOOPBACK_IPV6 if ":" in host else LOOPBACK
    last = min(first + _TRIES, 65_536)
    for port in range(first, last):
        # A service on all addresses does not always hinder a bind to one: ask it as well.
        if port not in taken and is_free(port, host=host) and not answers(port, host=loopback):
            return port
    raise NoFreePort(f"ports {first} to {last - 1} are all taken: stop a service or choose another")
