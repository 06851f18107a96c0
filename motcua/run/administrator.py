"""The administrator that the first start makes, and the link with which to set the password."""

from __future__ import annotations

from datetime import UTC, datetime


def administrator_link(database_url: str) -> str | None:
    """Return the token of a one-time link while the administrator has no password, else None.

    An administrator is made where there is none. Raises ServerError.
    """
    # Imported here: the supervisor needs the server's libraries for this alone.
    from psycopg import AsyncConnection

    from server.access.accounts import (
        RoleHeld,
        add_account,
        list_accounts,
        new_link,
        require_account,
    )
    from server.access.roles import Role
    from server.access.trial import NAME
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> str | None:
        accounts = {each.name: each for each in await list_accounts(connection)}
        administrator = RoleHeld(role=Role.ADMINISTRATOR)
        if any(administrator in each.roles and each.name != NAME for each in accounts.values()):
            return None
        known = accounts.get(NAME)
        if known is None:
            account = await add_account(connection, name=NAME, roles=[administrator])
        elif known.has_password or known.disabled_at is not None:
            return None
        else:
            account = (await require_account(connection, NAME)).id
        return await new_link(connection, account, datetime.now(UTC))

    return run_once(database_url, work)
