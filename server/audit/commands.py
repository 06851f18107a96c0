"""Entries of acts that somebody does with a command on a server's own console."""

from __future__ import annotations

import getpass
import socket
from datetime import UTC, datetime

from psycopg import AsyncConnection

from server.audit.entries import Action, Entry
from server.audit.store import record


async def note_command(
    connection: AsyncConnection, action: Action, subject: str = "", **details: object
) -> None:
    """Add the entry of an act by the operating system's user, in the transaction of the act."""
    await record(connection, command_entry(action, subject, **details))


def command_entry(action: Action, subject: str = "", **details: object) -> Entry:
    """Return the entry of an act by the operating system's user, here and now."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return Entry(
        at=datetime.now(UTC),
        actor=user,
        kind="command",
        action=action,
        subject=subject,
        address=socket.gethostname(),
        agent="motcua",
        details=details,
    )
