"""
What the server can fail at; each says what, which, and what to do next.

* ServerError
  x ConfigurationError     an address or setting cannot be used
  x DatabaseAway           PostgreSQL cannot be reached
  x SchemaError
    + SchemaBehind         migrations are missing in this database
    + MigrationEdited      an applied migration's file has changed
    + MigrationUnknown     the database is newer than this release
    + MigrationFailed      PostgreSQL refused a migration
  x PortTaken              the API's port is in use
  x UnitsFileUnreadable    the CSV file of units is missing or lacks columns
"""

from __future__ import annotations


class ServerError(Exception):
    """Base of everything that a server command reports to its user."""


class ConfigurationError(ServerError):
    """An address or setting cannot be used."""


class DatabaseAway(ServerError):
    """PostgreSQL cannot be reached."""


class SchemaError(ServerError):
    """The database's schema and this release do not fit."""


class SchemaBehind(SchemaError):
    """Migrations are missing in this database."""


class MigrationEdited(SchemaError):
    """An applied migration's file has changed."""


class MigrationUnknown(SchemaError):
    """The database holds migrations that this release does not know."""


class MigrationFailed(SchemaError):
    """PostgreSQL refused a migration."""


class PortTaken(ServerError):
    """The API's port is in use."""


class UnitsFileUnreadable(ServerError):
    """The CSV file of units is missing or lacks columns."""
