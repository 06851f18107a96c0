"""Takes the kiosk's port, or says in one line who may have it."""

from __future__ import annotations

import errno
import socket

from edge.errors import PortTaken


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port` (0 for any); raise PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken by another program; stop it, or choose another "
                "with [kiosk] port or --port"
            ) from error
        raise PortTaken(
            f"the kiosk cannot listen on {host}:{port}: {error.strerror or error}; "
            "check [kiosk] host and port (ports below 1024 need root)"
        ) from error
