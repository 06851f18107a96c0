"""`motcua dashboards`: serves the command centre's screens."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import TYPE_CHECKING

import click
import structlog

from dashboards.errors import TrialOpen
from runtime.listening import BACKLOG, in_url, listen
from runtime.loopback import is_loopback
from runtime.settings import read_settings

if TYPE_CHECKING:
    from dashboards.settings import DashboardsSettings
    from runtime.identity import Identity

_GRACE_S = 2
"""Seconds that open connections have to finish at the end."""

log = structlog.get_logger()


@click.command("dashboards")
@click.option("--api-url", help="Base address of the API [http://127.0.0.1:8000].")
@click.option("--host", help="Address to listen on [127.0.0.1]; 0.0.0.0 for other machines.")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port [8050]; 0 takes a free one.")
@click.option("--root-path", help="Path below which a reverse proxy serves them, as /motcua.")
@click.option("--province-name", help="What the wall's header says.")
@click.option("--trial", is_flag=True, hidden=True, help="As `motcua run` starts it on loopback.")
def command(
    api_url: str | None,
    host: str | None,
    port: int | None,
    root_path: str | None,
    province_name: str | None,
    trial: bool,
) -> None:
    """Serve the command centre's screens: /wall, /units, /devices."""
    from dashboards.settings import DashboardsSettings
    from runtime.identity import Identity

    settings = read_settings(
        DashboardsSettings,
        api_url=api_url,
        host=host,
        port=port,
        root_path=root_path,
    )
    _serve(settings, read_settings(Identity, name=province_name), trial=trial)


def _serve(settings: DashboardsSettings, identity: Identity, *, trial: bool) -> None:
    import uvicorn

    from dashboards.app import create_app

    if trial and not is_loopback(settings.host):
        raise TrialOpen(
            f"a trial listens on this machine alone, not on {settings.host}; without --trial it "
            "demands sign-in"
        )
    with closing(listen(settings.host, settings.port)) as listener:
        config = uvicorn.Config(
            create_app(settings, identity=identity, trial=trial),
            log_config=None,
            access_log=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=settings.proxies,
            backlog=BACKLOG,
            ws="websockets-sansio",
            timeout_graceful_shutdown=_GRACE_S,
        )
        host, port = listener.getsockname()[:2]
        log.info(
            "dashboards_listening",
            url=f"http://{in_url(host)}:{port}{settings.root_path}/wall",
            api=str(settings.api_url),
        )
        # uvicorn stops at the first signal, then raises it again: by then it has done its work.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listener])
