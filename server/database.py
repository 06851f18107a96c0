"""`motcua db`: migrate the database, say where it stands, verify its totals."""

from __future__ import annotations

from asyncio import run
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import click

from server.options import database_option

if TYPE_CHECKING:
    import psycopg


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
@click.option("--repair", is_flag=True, help="Count anew what differs.")
@database_option
def verify_command(repair: bool, database_url: str) -> None:
    """Compare every stored total with what it was made of; exit code 1 when any still differs.

    Hours with raw messages, days and months with hours, links with messages, states of dossiers and
    complaints with their records and events, and the totals of dossiers with those states.
    """
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.facts.verification import verify_days, verify_levels
    from server.links.verification import verify_links

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
            differing += _tell(difference.sentence for difference in day.differences)
        levels = verify_levels(connection, repair=repair)
        differing += _tell(difference.sentence for difference in levels)
        for compared in verify_links(connection, repair=repair):
            differing += _tell(compared.differences)
        stale = _is_stale(connection)
    differing += _tell(run(_verify_books(database_url, repair=repair)))
    if stale:
        click.echo(
            "A calendar, procedure or unit has changed: the worker still computes dossiers and "
            "complaints anew."
        )
    if gone:
        click.echo(f"{len(gone)} days have no raw rows any more: {gone[0]} to {gone[-1]}.")
    done = "repaired" if repair else "found"
    click.echo(f"{hours} hours compared, {differing} differences {done}.")
    if differing and not repair:
        raise SystemExit(1)


async def _verify_books(database_url: str, *, repair: bool) -> list[str]:
    """Return what differs among dossiers and complaints, in sentences."""
    from server.complaints.following import verify_complaints
    from server.db.connection import async_session
    from server.dossiers.verification import verify_states, verify_totals

    async with async_session(database_url) as connection:
        found = [each async for each in verify_states(connection, repair=repair)]
        found += await verify_totals(connection, repair=repair)
        found += [each async for each in verify_complaints(connection, repair=repair)]
    return found


def _is_stale(connection: psycopg.Connection) -> bool:
    from server.facts.store import anything_stale

    return anything_stale(connection)


def _tell(sentences: Iterable[str]) -> int:
    """Print each sentence and return how many there were."""
    count = 0
    for count, sentence in enumerate(sentences, 1):  # noqa: B007 - the count is wanted
        click.echo(sentence)
    return count
