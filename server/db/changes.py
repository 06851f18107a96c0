"""Tells the API's processes which units have changed, through PostgreSQL's NOTIFY."""

from __future__ import annotations

from collections.abc import Collection

from psycopg import AsyncConnection, Connection

from runtime.sql import statements

_SQL = statements("server.db", "changes.sql")

LISTEN = _SQL["listen_change"]
"""The statement after which a connection is told of changes."""

_LONGEST_PAYLOAD = 7_900
"""PostgreSQL takes fewer than 8,000 bytes."""


def notify_change(connection: Connection, units: Collection[str] | None) -> None:
    """Tell listeners, once this transaction commits, that `units` changed; None for any unit."""
    connection.execute(_SQL["notify_change"], {"units": _payload(units)})


async def announce_change(connection: AsyncConnection, units: Collection[str] | None) -> None:
    """Do what `notify_change` does, on an asynchronous connection."""
    await connection.execute(_SQL["notify_change"], {"units": _payload(units)})


def _payload(units: Collection[str] | None) -> str:
    payload = ",".join(sorted(units or ()))
    return payload if len(payload) <= _LONGEST_PAYLOAD else ""


def changed_units(payload: str) -> frozenset[str] | None:
    """Return the units that a notification names, None for any unit."""
    return frozenset(payload.split(",")) if payload else None
