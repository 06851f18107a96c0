"""`motcua screen`: the screens of walls."""

from __future__ import annotations

import click

from server.options import dashboards_option, database_option


@click.group("screen")
def command() -> None:
    """Screens of walls: add, list, revoke."""


@command.command("add")
@click.argument("name")
@click.option("--unit", default=None, help="What it shows: this unit and below. [default: all]")
@click.option(
    "--scene",
    "scenes",
    multiple=True,
    help="A scene that it shows; given again, the next one. [default: all]",
)
@click.option(
    "--turn",
    "turn_s",
    type=click.FloatRange(10, 120),
    default=None,
    help="Seconds that each scene stays. [default: 25]",
)
@click.option(
    "--language",
    type=click.Choice(["vi", "en"]),
    default=None,
    help="What it speaks. [default: vi]",
)
@dashboards_option
@database_option
def add_command(
    name: str,
    unit: str | None,
    scenes: tuple[str, ...],
    turn_s: float | None,
    language: str | None,
    dashboards_url: str,
    database_url: str,
) -> None:
    """Make the screen NAME, or let it begin anew, and print its first address."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.screens import add_screen
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> str:
        now = datetime.now(UTC)
        await record(connection, command_entry(Action.SCREEN_ADDED, name, unit=unit))
        return await add_screen(
            connection,
            name=name,
            unit=unit,
            scenes=scenes or None,
            now=now,
            turn_s=turn_s,
            language=language,
        )

    code = run_once(database_url, work)
    click.echo("open once, within 24 hours, on the screen:")
    click.echo(f"{dashboards_url.rstrip('/')}/screens/{code}")


@command.command("list")
@database_option
def list_command(database_url: str) -> None:
    """List every screen."""
    from server.access.screens import list_screens
    from server.db.commands import run_once

    for screen in run_once(database_url, list_screens):
        waits = "entered" if screen.entered_at else "waits for its first visit"
        state = "revoked" if screen.revoked_at else waits
        used = f"used {screen.used_at:%Y-%m-%d %H:%M}Z" if screen.used_at else "never used"
        click.echo(f"{screen.name:24} {state:26} {used}; {screen.unit or 'province'}")


@command.command("revoke")
@click.argument("name")
@database_option
def revoke_command(name: str, database_url: str) -> None:
    """Revoke the screen NAME: its wall goes dark within seconds."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.screens import revoke_screen
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> None:
        await revoke_screen(connection, name, datetime.now(UTC))
        await record(connection, command_entry(Action.SCREEN_REVOKED, name))

    run_once(database_url, work)
    click.echo(f"{name} is revoked.")
