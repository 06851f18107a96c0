"""`motcua brief`: who gets the daily brief, and what it says this morning."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

from server.options import database_option

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


@click.group("brief")
def command() -> None:
    """The daily brief by e-mail: subscribe, list, show."""


@command.command("subscribe")
@click.argument("address")
@click.option("--scope", default="province", show_default=True, help="province or subtree:UNIT.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@database_option
def subscribe_command(address: str, scope: str, language: str, database_url: str) -> None:
    """Send ADDRESS the brief of a place every morning."""
    from psycopg import AsyncConnection

    from contract.texts import Language
    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.briefs.store import Subscriber, subscribe
    from server.db.commands import run_once
    from server.scopes import Scope

    if not _ADDRESS.fullmatch(address):
        raise click.UsageError(f"{address!r} is no e-mail address")
    place = str(Scope.parse(scope))

    async def work(connection: AsyncConnection) -> None:
        asked = Subscriber(
            address=address,
            scope=place,
            language=Language(language),
            account=None,
            since=datetime.now(UTC),
        )
        async with connection.transaction():
            await subscribe(connection, asked)
            await note_command(connection, Action.BRIEF_SUBSCRIBED, address, scope=place)

    run_once(database_url, work)
    click.echo(f"{address} gets the brief of {place} every morning.")


@command.command("unsubscribe")
@click.argument("address")
@database_option
def unsubscribe_command(address: str, database_url: str) -> None:
    """Send ADDRESS no brief any more."""
    from psycopg import AsyncConnection

    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.briefs.store import unsubscribe
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> None:
        async with connection.transaction():
            await unsubscribe(connection, address)
            await note_command(connection, Action.BRIEF_ENDED, address)

    run_once(database_url, work)
    click.echo(f"{address} gets no brief any more.")


@command.command("list")
@database_option
def list_command(database_url: str) -> None:
    """List who gets the brief."""
    from server.briefs.store import read_subscribers
    from server.db.commands import run_once

    for each in run_once(database_url, read_subscribers):
        by = "command" if each.account is None else each.account
        click.echo(f"{each.address}  {each.scope}  {each.language}  asked for by {by}")


@command.command("show")
@click.option("--scope", default="province", show_default=True, help="province or subtree:UNIT.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The morning; today without it.")
@database_option
def show_command(scope: str, language: str, day: datetime | None, database_url: str) -> None:
    """Say what the brief of a morning says."""
    from psycopg import AsyncConnection

    from contract.texts import Language
    from server.briefs.briefs import Brief
    from server.briefs.store import make_brief
    from server.db.commands import run_once
    from server.periods import today
    from server.scopes import Scope

    now = datetime.now(UTC)

    async def work(connection: AsyncConnection) -> Brief:
        morning = today(now) if day is None else day.date()
        return await make_brief(connection, Scope.parse(scope), morning, Language(language), now)

    brief = run_once(database_url, work)
    click.echo(f"{brief.subject}\n\n{brief.body}", nl=False)
