"""`motcua dashboards`: serves the command centre's screens."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import structlog

from dashboards.errors import AddressUnusable, DashboardsError, PortTaken

if TYPE_CHECKING:
    from dashboards.settings import DashboardsSettings

_GRACE_S = 2
"""Seconds that open connections have to finish at the end."""

log = structlog.get_logger()


@click.command("dashboards")
@click.option("--api-url", help="Base address of the API [http://127.0.0.1:8000].")
@click.option("--host", help="Address to listen on [127.0.0.1]; 0.0.0.0 for other machines.")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port [8050]; 0 takes a free one.")
@click.option("--province-name", help="What the wall's header says.")
def command(
    api_url: str | None, host: str | None, port: int | None, province_name: str | None
) -> None:
    """Serve the command centre's screens: /wall, /units, /devices."""
    from pydantic import ValidationError

    from dashboards.settings import DashboardsSettings

    given: dict[str, Any] = {
        "api_url": api_url,
        "host": host,
        "port": port,
        "province_name": province_name,
    }
    try:
        settings = DashboardsSettings(**{k: v for k, v in given.items() if v is not None})
        _serve(settings)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(map(str, problem["loc"])).lower()
        raise click.ClickException(
            f"{name}: {problem['msg']} (got {problem['input']!r})"
        ) from error
    except DashboardsError as error:
        raise click.ClickException(str(error)) from error


def _serve(settings: DashboardsSettings) -> None:
    import uvicorn

    from dashboards.app import create_app

    with closing(_listen(settings.host, settings.port)) as listener:
        config = uvicorn.Config(
            create_app(settings),
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=_GRACE_S,
        )
        host, port = listener.getsockname()[:2]
        log.info(
            "dashboards_listening", url=f"http://{host}:{port}/wall", api=str(settings.api_url)
        )
        # uvicorn stops at the first signal, then raises it again: by then it has done its work.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to `host` and `port`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
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
