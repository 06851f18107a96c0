"""`motcua key`: keys of programs."""

from __future__ import annotations

import click

from server.options import database_option


@click.group("key")
def command() -> None:
    """Keys of programs: add, list, revoke."""


@command.command("add")
@click.argument("name")
@click.option(
    "--right",
    "rights",
    multiple=True,
    required=True,
    help="What it may do, for instance read_figures; may be repeated.",
)
@click.option("--unit", default=None, help="Where: this unit and all below it. [default: all]")
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True)
@database_option
def add_command(
    name: str, rights: tuple[str, ...], unit: str | None, days: int, database_url: str
) -> None:
    """Make the key NAME and print it, this once."""
    from datetime import UTC, datetime, timedelta

    from psycopg import AsyncConnection

    from server.access.keys import add_key, rights_said
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    allowed = rights_said(rights)
    ends_at = datetime.now(UTC) + timedelta(days=days)

    async def work(connection: AsyncConnection) -> str:
        await record(
            connection, command_entry(Action.KEY_ADDED, name, rights=sorted(allowed), unit=unit)
        )
        return await add_key(connection, name=name, rights=allowed, unit=unit, ends_at=ends_at)

    click.echo(run_once(database_url, work))


@command.command("list")
@database_option
def list_command(database_url: str) -> None:
    """List every key with its rights, its end and its last use."""
    from datetime import UTC, datetime

    from server.access.keys import list_keys
    from server.db.commands import run_once

    now = datetime.now(UTC)
    for key in run_once(database_url, list_keys):
        ended = key.ends_at is not None and key.ends_at <= now
        state = "revoked" if key.revoked_at else "ended" if ended else "active"
        used = f"used {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
        ends = f"ends {key.ends_at:%Y-%m-%d}" if key.ends_at else "has no end"
        where = key.unit or "province"
        click.echo(f"{key.name:24} {state:8} {ends}, {used}; {' '.join(key.rights)} in {where}")


@command.command("revoke")
@click.argument("name")
@database_option
def revoke_command(name: str, database_url: str) -> None:
    """Revoke the key NAME."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.keys import revoke_key
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> None:
        await revoke_key(connection, name, datetime.now(UTC))
        await record(connection, command_entry(Action.KEY_REVOKED, name))

    run_once(database_url, work)
    click.echo(f"{name} is revoked.")
