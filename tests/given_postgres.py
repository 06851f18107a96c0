"""A PostgreSQL that somebody else runs, for testing on TimescaleDB: MOTCUA_TEST_DATABASE_URL."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg

_INSTALL = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
        CREATE EXTENSION IF NOT EXISTS timescaledb;
    END IF;
END $$
"""


class GivenPostgres:
    """What the tests need of a server that they may neither start nor kill."""

    def __init__(self, url: str) -> None:
        self.url = url

    def url_of(self, database: str) -> str:
        """Return the address of `database` on this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))


def prepare(database_url: str) -> None:
    """Install TimescaleDB in the fresh database where the server has it, and migrate."""
    from server.db.migrations import migrate

    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        connection.execute(_INSTALL)
        migrate(connection)
