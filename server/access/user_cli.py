"""`motcua user`: accounts of people."""

from __future__ import annotations

import click

from server.options import dashboards_option, database_option


@click.group("user")
def command() -> None:
    """Accounts: add, list, disable, reset."""


@command.command("add")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE[:UNIT]",
    help="A role, and the unit in which it is held; may be repeated.",
)
@click.option("--full-name", default="", help="How screens call the person.")
@click.option("--officer", default=None, help="The officer's code, for role officer.")
@dashboards_option
@database_option
def add_command(
    name: str,
    roles: tuple[str, ...],
    full_name: str,
    officer: str | None,
    dashboards_url: str,
    database_url: str,
) -> None:
    """Make the account NAME and print the one-time link with which its owner sets a password."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.accounts import add_account, new_link, roles_said
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    held = roles_said(roles)

    async def work(connection: AsyncConnection) -> str:
        account = await add_account(
            connection, name=name, roles=held, full_name=full_name, officer=officer
        )
        await record(connection, command_entry(Action.ACCOUNT_ADDED, name, roles=list(roles)))
        return await new_link(connection, account, datetime.now(UTC))

    _say_link(name, run_once(database_url, work), dashboards_url)


@command.command("list")
@database_option
def list_command(database_url: str) -> None:
    """List every account with its roles and its state."""
    from server.access.accounts import list_accounts
    from server.db.commands import run_once

    for account in run_once(database_url, list_accounts):
        roles = " ".join(
            f"{held.role}:{held.unit}" if held.unit else held.role for held in account.roles
        )
        if account.disabled_at:
            state = "disabled"
        elif account.has_password or account.single_sign_on:
            state = "active"
        else:
            state = "waits for its link"
        click.echo(f"{account.name:24} {state:18} {roles}")


@command.command("disable")
@click.argument("name")
@database_option
def disable_command(name: str, database_url: str) -> None:
    """Disable the account NAME and end where it is signed in."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.accounts import disable_account
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> None:
        await disable_account(connection, name, datetime.now(UTC))
        await record(connection, command_entry(Action.ACCOUNT_DISABLED, name))

    run_once(database_url, work)
    click.echo(f"{name} is disabled.")


@command.command("reset")
@click.argument("name")
@dashboards_option
@database_option
def reset_command(name: str, dashboards_url: str, database_url: str) -> None:
    """Void the password and second factor of NAME, enable it, and print a one-time link."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.access.accounts import reset_account
    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> str:
        await record(connection, command_entry(Action.ACCOUNT_RESET, name))
        return await reset_account(connection, name, datetime.now(UTC))

    _say_link(name, run_once(database_url, work), dashboards_url)


def _say_link(name: str, token: str, dashboards_url: str) -> None:
    click.echo(f"{name} sets a password once, within 24 hours, at:")
    click.echo(f"{dashboards_url.rstrip('/')}/links/{token}")
