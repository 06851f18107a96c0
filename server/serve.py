"""Runs the API until SIGTERM or SIGINT, with exit code 0."""

from __future__ import annotations

import logging
import signal
import socket

import structlog
import uvicorn

from server.api.app import create_app
from server.api.settings import ApiSettings
from server.db.connection import session
from server.db.migrations import require_current
from server.errors import PortTaken

GRACE_S = 3
"""Open streams get this long to close; the process must be gone within 5 s."""

log = structlog.get_logger()


def serve(database_url: str, settings: ApiSettings, *, host: str, port: int) -> None:
    """Serve until stopped; raise DatabaseAway, SchemaError or PortTaken at the start only."""
    with session(database_url) as connection:
        require_current(connection)
    with _listening_socket(host, port) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(database_url, settings),
                log_level="warning",
                access_log=False,
                ws_ping_interval=20,
                ws_ping_timeout=20,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        # The hub reports an outage once; psycopg and its pool would do so at every attempt.
        logging.getLogger("psycopg").setLevel(logging.CRITICAL)
        # uvicorn raises the signal again when it has stopped: by then nothing is left to do.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        log.info("api_listening", host=host, port=port)
        server.run(sockets=[listener])


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"the API cannot listen on {host}:{port}: {error.strerror}; "
            "stop what uses the port or choose another with --port"
        ) from error
    return listener
