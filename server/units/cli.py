"""`motcua unit`: which units are known, and which of them are accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import click

from server.options import database_option


@click.group("unit")
def command() -> None:
    """List units, and accept those that only a message named."""


@command.command("list")
@click.option("--waiting", is_flag=True, help="Only those that wait to be accepted.")
@database_option
def list_command(waiting: bool, database_url: str) -> None:
    """List the units that are valid today, one a line: id, whether it is accepted, its name."""
    from server.db.commands import run_once
    from server.periods import today
    from server.units.store import read_tree

    tree = run_once(database_url, partial(read_tree, day=today(datetime.now(UTC))))
    for unit in tree.units.values():
        if not (waiting and unit.accepted):
            state = "accepted" if unit.accepted else "waiting"
            click.echo(f"{unit.id:32} {state:9} {unit.name_vi}")


@command.command("accept")
@click.argument("units", nargs=-1, required=True)
@database_option
def accept_command(units: tuple[str, ...], database_url: str) -> None:
    """Let the UNITS, which only a message named, stand among the others and count."""
    from psycopg import AsyncConnection

    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.units.store import accept_unit

    async def work(connection: AsyncConnection, unit: str) -> None:
        await accept_unit(connection, unit)
        await note_command(connection, Action.UNIT_ACCEPTED, unit)

    for unit in units:
        run_once(database_url, partial(work, unit=unit))
        click.echo(f"{unit} is accepted.")
