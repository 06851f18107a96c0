"""Which edition of a period's figures there is, for whatever prints or shows them."""

from __future__ import annotations

from psycopg import AsyncConnection

from runtime.sql import statements
from server.periods import Period
from server.readings.editions import Edition

__all__ = ["Edition", "edition_of"]

_SQL = statements("server.closing", "closing.sql")


async def edition_of(connection: AsyncConnection, period: Period) -> Edition | None:
    """Return the newest edition of a closed period, None where it is not closed."""
    row = await (await connection.execute(_SQL["edition"], {"period": str(period)})).fetchone()
    if row is None:
        return None
    name, version, closed_at, digest = row
    return Edition(period=name, version=version, closed_at=closed_at, digest=bytes(digest).hex())
