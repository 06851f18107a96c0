"""`motcua server`: ingest, API and worker as processes, and the quarantine's replay."""

from __future__ import annotations

import asyncio
import signal
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from runtime.settings import read_settings
from server.options import (
    broker_option,
    database_option,
    root_path_option,
    use_one_thread_for_matrices,
)


@click.group("server")
def command() -> None:
    """Ingest, API and worker."""


@command.command("ingest")
@database_option
@broker_option
def ingest_command(database_url: str, broker_url: str) -> None:
    """Commit what devices publish, and tell them so."""
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
@root_path_option
@click.option("--trial", is_flag=True, hidden=True, help="As `motcua run` starts it on loopback.")
@click.option("--trial-role", default="administrator", hidden=True, help="Who asks in a trial.")
def api_command(
    database_url: str,
    broker_url: str,
    host: str,
    port: int,
    root_path: str,
    trial_role: str,
    *,
    trial: bool,
) -> None:
    """Serve REST and the WebSocket stream."""
    del broker_url  # The API sends nothing to devices yet.
    use_one_thread_for_matrices()
    from server.access.roles import Role
    from server.app import ApiSettings
    from server.serve import serve

    settings = ApiSettings.read(trial=trial, trial_role=Role(trial_role))
    serve(database_url, settings, host=host, port=port, root_path=root_path)


@command.command("worker")
@database_option
def worker_command(database_url: str) -> None:
    """Run the background jobs, for instance the nightly ones."""
    use_one_thread_for_matrices()
    from server.worker import WorkerSettings, run_worker

    run_worker(database_url, WorkerSettings.read())


@command.command("replay-quarantine")
@database_option
def replay_command(database_url: str) -> None:
    """Try every quarantined message again, after a fix; refusals by time are judged anew."""
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.ingest.replay import replay_quarantine
    from server.ingest.settings import IngestSettings

    settings = read_settings(IngestSettings)
    run_once(database_url, partial(note_command, action=Action.QUARANTINE_REPLAYED))
    with session(database_url) as connection:
        require_current(connection)
        report = replay_quarantine(connection, settings)
    click.echo(f"{report.stored} messages stored, {report.refused} still refused.")


@command.command("pull")
@click.argument(
    "mappings", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path)
)
@database_option
def pull_command(mappings: tuple[Path, ...], database_url: str) -> None:
    """Read other systems' dossiers and complaints once, as the mappings in FILE say."""
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.connection import async_session, session
    from server.db.migrations import require_current
    from server.sources.mappings import read_mapping
    from server.sources.pull import pull

    sources = [read_mapping(path) for path in mappings]
    with session(database_url) as connection:
        require_current(connection)

    async def pull_all() -> bool:
        worked = True
        async with async_session(database_url) as connection:
            for source in sources:
                async with connection.transaction():
                    await note_command(connection, Action.SOURCE_PULLED, source.source)
                found = await pull(connection, source, datetime.now(UTC))
                end = "" if found.problem is None else f" It broke off: {found.problem}."
                click.echo(
                    f"{source.source}: {found.records} records, {found.refused} refused.{end}"
                )
                worked = worked and found.problem is None
        return worked

    if not asyncio.run(pull_all()):
        raise SystemExit(1)
