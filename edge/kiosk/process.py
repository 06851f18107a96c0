"""Runs the kiosk's web server: opens port and outbox, and stops on SIGTERM or SIGINT."""

from __future__ import annotations

import signal
from contextlib import ExitStack, closing

import structlog
import uvicorn

from edge.kiosk.app import make_app, make_presentation
from edge.kiosk.gpio import buttons
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName
from edge.store.process_lock import process_lock
from runtime.listening import in_url, listen

SHUTDOWN_TIMEOUT_S = 2

log = structlog.get_logger()


def run(settings: EdgeSettings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; raise ReportedError when it cannot begin."""
    store = settings.store
    # uvicorn raises the signal again after its own clean end; without a handler of ours that
    # second one would kill the process with another exit code than 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: None)
    with (
        process_lock(store.path, ProcessName.KIOSK),
        closing(listen(host, port)) as listener,
        Outbox.open(store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb) as outbox,
        ExitStack() as stack,
    ):
        device = settings.device
        shown = make_presentation(
            outbox, device=device.device, counter=device.counter, settings=settings.kiosk
        )
        stack.enter_context(buttons(settings.gpio, shown))
        config = uvicorn.Config(
            make_app(outbox, device=device.device, settings=settings.kiosk, presentation=shown),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        )
        log.info("kiosk_started", url=f"http://{in_url(host)}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])
    log.info("kiosk_stopped")
