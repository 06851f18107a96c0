"""`motcua db`: migrate the database, say where it stands, verify its totals."""

from __future__ import annotations

from functools import partial

import click

from server.options import database_option


@click.group("db")
def command() -> None:
    """Migrate the database, say where it stands, verify its totals."""


@command.command("migrate")
@database_option
def migrate_command(database_url: str) -> None:
    """Apply the missing migrations; safe to run at every start."""
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.db.connection import session
    from server.db.migrations import migrate

    with session(database_url) as connection:
        done = migrate(connection)
    if done:
        names = [entry.name for entry in done]
        run_once(database_url, partial(note_command, action=Action.DATABASE_MIGRATED, names=names))
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


@command.command("verify")
@click.option("--repair", is_flag=True, help="Count anew from raw rows what differs.")
@database_option
def verify_command(repair: bool, database_url: str) -> None:
    """Compare every stored total with its raw rows; exit code 1 when any differs and stays so."""
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.facts.verification import verify_days, verify_levels

    if repair:
        run_once(database_url, partial(note_command, action=Action.TOTALS_REPAIRED))
    differing = hours = 0
    gone: list[str] = []
    with session(database_url) as connection:
        require_current(connection)
        for day in verify_days(connection, repair=repair):
            hours += day.hours
            if not day.kept:
                gone.append(str(day.day))
            for difference in day.differences:
                click.echo(difference.sentence)
            differing += len(day.differences)
        for difference in verify_levels(connection, repair=repair):
            click.echo(difference.sentence)
            differing += 1
    if gone:
        click.echo(f"{len(gone)} days have no raw rows any more: {gone[0]} to {gone[-1]}.")
    done = "repaired" if repair else "found"
    click.echo(f"{hours} hours compared, {differing} differences {done}.")
    if differing and not repair:
        raise SystemExit(1)
