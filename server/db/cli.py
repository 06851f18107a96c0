"""`motcua db`: migrate the database, or say where it stands."""

from __future__ import annotations

import click

from server.options import database_option


@click.group("db")
def command() -> None:
    """Migrate the database, or say where it stands."""


@command.command("migrate")
@database_option
def migrate_command(database_url: str) -> None:
    """Apply the missing migrations; safe to run at every start."""
    from server.db.connection import session
    from server.db.migrations import migrate

    with session(database_url) as connection:
        done = migrate(connection)
    for entry in done:
        click.echo(f"{entry.state:8} {entry.name}")
    click.echo(f"{len(done)} migrations done." if done else "The database is current.")


@command.command("status")
@database_option
def status_command(database_url: str) -> None:
    """List every migration and its state."""
    from server.db.connection import session
    from server.db.migrations import status

    with session(database_url) as connection:
        for entry in status(connection):
            at = f"{entry.at:%Y-%m-%d %H:%M:%SZ}" if entry.at else ""
            click.echo(f"{entry.state:8} {entry.name:32} {at}".rstrip())
