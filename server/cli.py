"""`motcua server`: the ingest and the API as processes, and the quarantine's replay."""

from __future__ import annotations

import signal
import threading

import click

from server.options import broker_option, database_option, read_settings, reported


@click.group("server")
def command() -> None:
    """Ingest and API."""


@command.command("ingest")
@database_option
@broker_option
@reported
def ingest_command(database_url: str, broker_url: str) -> None:
    """Commit what units publish, and tell them so."""
    from server.ingest.service import Ingest
    from server.ingest.settings import IngestSettings

    ingest = Ingest(database_url, broker_url, read_settings(IngestSettings))
    for number in (signal.SIGTERM, signal.SIGINT):
        # In a thread of its own: the interrupted code may hold a lock that stopping needs.
        signal.signal(number, lambda *_: threading.Thread(target=ingest.stop).start())
    ingest.run()


@command.command("api")
@database_option
@broker_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@reported
def api_command(database_url: str, broker_url: str, host: str, port: int) -> None:
    """Serve REST and the WebSocket stream."""
    del broker_url  # The API sends nothing to devices yet.
    from server.app import ApiSettings
    from server.serve import serve

    serve(database_url, ApiSettings.read(), host=host, port=port)


@command.command("replay-quarantine")
@database_option
@reported
def replay_command(database_url: str) -> None:
    """Try every quarantined message again, after a fix."""
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.ingest.replay import replay_quarantine
    from server.ingest.settings import IngestSettings

    settings = read_settings(IngestSettings)
    with session(database_url) as connection:
        require_current(connection)
        report = replay_quarantine(connection, settings)
    click.echo(f"{report.stored} messages stored, {report.refused} still refused.")
