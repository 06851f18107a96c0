"""Runs the set-up page until it is ended there, or by itself, or by a signal."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import click
import structlog
import uvicorn

from edge.settings import read_settings
from edge.setup.app import Setup, make_app
from edge.setup.door import Door, read_pin
from edge.setup.live_view import LiveView
from edge.store.outbox import ProcessName
from edge.store.process_lock import process_lock
from runtime.listening import in_url, listen

PIN_FILE = "setup-pin"
LOOKED_AT_EVERY_S = 1.0

log = structlog.get_logger()


def run(config: Path, *, models: Path | None, host: str, port: int, lasts_s: float) -> None:
    """Serve until it is over; raise ReportedError when it cannot begin, as beside a watch."""
    settings = read_settings(config if config.exists() else None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: None)
    with (
        process_lock(settings.store.path, ProcessName.WATCH),
        closing(listen(host, port)) as listener,
    ):
        pin, is_new = read_pin(config.with_name(PIN_FILE))
        view = LiveView(settings, models)
        server = uvicorn.Server(uvicorn.Config("", log_config=None, access_log=False))
        setup = Setup(
            path=config,
            models=models,
            settings=settings,
            door=Door(pin=pin, began_s=time.monotonic(), lasts_s=lasts_s),
            view=view,
            end=lambda: setattr(server, "should_exit", True),
        )
        server.config = uvicorn.Config(
            make_app(setup),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        log.info("setup_started", url=f"http://{in_url(host)}:{listener.getsockname()[1]}")
        if is_new:
            click.echo(f"PIN: {pin}")  # never logged
        _end_by_itself(server, setup)
        with view.running():
            server.run(sockets=[listener])
    log.info("setup_ended")


def _end_by_itself(server: uvicorn.Server, setup: Setup) -> None:
    def watch() -> None:
        while not server.should_exit:
            time.sleep(LOOKED_AT_EVERY_S)
            if setup.door.is_over(time.monotonic()):
                log.info("setup_over", reason="time")
                server.should_exit = True

    threading.Thread(target=watch, name="setup-end", daemon=True).start()
