"""Reads figures within a transaction that writes, which by itself may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from psycopg import AsyncConnection

from runtime.sql import statements
from server.db.viewers import ALL, Viewer

_SQL = statements("server.db", "pool.sql")
_EVERYBODY = Viewer(officers=ALL, staff=ALL)


@asynccontextmanager
async def reading_within(connection: AsyncConnection) -> AsyncIterator[None]:
    """Let the transaction read as the reading role, every officer included, and then write again.

    For a figure that is stored with an act: whoever lets it be told has checked who may see it. An
    error ends the transaction, and its role with it.
    """
    held = await (await connection.execute(_SQL["role_held"])).fetchone()
    assert held is not None
    role, search_path = held
    await connection.execute(_SQL["become_reader"], asdict(_EVERYBODY))
    yield
    await connection.execute(_SQL["come_back"], {"role": role, "search_path": search_path})
