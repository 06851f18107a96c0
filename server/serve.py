"""Runs the API until SIGTERM or SIGINT, with exit code 0."""

from __future__ import annotations

import logging
import signal

import structlog
import uvicorn

from runtime.listening import listen
from runtime.loopback import is_loopback
from server.app import ApiSettings, create_app
from server.db.connection import session
from server.db.migrations import require_current
from server.errors import ConfigurationError

GRACE_S = 3
"""Open streams get this long to close; the process must be gone within 5 s."""

LONGEST_HEAD = 262_144
"""Bytes of a request's line and headers, so that we ourselves say which of them is too long."""

log = structlog.get_logger()


def serve(
    database_url: str, settings: ApiSettings, *, host: str, port: int, root_path: str = ""
) -> None:
    """Serve until stopped. At the start alone it may raise DatabaseAway, SchemaError, PortTaken,
    AddressUnusable, or ConfigurationError for a trial on another address than the loopback.
    """
    if settings.trial and not is_loopback(host):
        raise ConfigurationError(
            f"a trial listens on this machine alone, not on {host}; without --trial it demands "
            "sign-in"
        )
    with session(database_url) as connection:
        require_current(connection)
    with listen(host, port) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(database_url, settings, root_path=root_path),
                log_level="warning",
                access_log=False,
                # What a proxy says of the client's address is believed by none: the audit log
                # names who really connected.
                proxy_headers=False,
                h11_max_incomplete_event_size=LONGEST_HEAD,
                ws_ping_interval=20,
                ws_ping_timeout=20,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        # Live figures report an outage once; psycopg and its pool would do so at every attempt.
        logging.getLogger("psycopg").setLevel(logging.CRITICAL)
        # uvicorn raises the signal again when it has stopped: by then nothing is left to do.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        log.info("api_listening", host=host, port=port)
        server.run(sockets=[listener])
