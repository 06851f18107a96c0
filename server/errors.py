"""
What the server can fail at; each says what, which, and what to do next.

* ServerError
  x ConfigurationError     an address or setting cannot be used
  x RequestInvalid         what was asked cannot be answered as it stands
    + ScopeInvalid         the text names no scope
    + PeriodInvalid        the text names no period, or one that the KPI does not answer
    + BreakdownInvalid     the readings cannot be broken down so
  x NotFound               there is no such unit, counter or KPI
  x Forbidden              the principal lacks the right
  x DatabaseAway           PostgreSQL cannot be reached
    + DatabaseReadOnly     PostgreSQL answers and takes no changes
  x DatabaseRefused        PostgreSQL does not do what it was asked
  x FiguresMissing         the API has no figures, or only old ones, though the database answers
  x SchemaError
    + SchemaBehind         migrations are missing in this database
    + MigrationEdited      an applied migration's file has changed
    + MigrationUnknown     the database is newer than this release
    + MigrationFailed      PostgreSQL refused a migration
    + DatabaseUnfit        PostgreSQL is too old, does not store UTF-8 or is behind a pooler
  x UnitsFileUnreadable    the CSV file of units is missing or lacks columns
"""

from __future__ import annotations

from runtime.errors import ReportedError


class ServerError(ReportedError):
    """Base of everything that a server command reports to its user."""


class ConfigurationError(ServerError):
    """An address or setting cannot be used."""


class RequestInvalid(ServerError):
    """What was asked cannot be answered as it stands."""


class ScopeInvalid(RequestInvalid):
    """The text names no scope."""


class PeriodInvalid(RequestInvalid):
    """The text names no period, or one that the KPI does not answer."""


class BreakdownInvalid(RequestInvalid):
    """The readings cannot be broken down so."""


class NotFound(ServerError):
    """There is no such unit, counter or KPI."""


class Forbidden(ServerError):
    """The principal lacks the right."""


class DatabaseAway(ServerError):
    """PostgreSQL cannot be reached."""


class DatabaseReadOnly(DatabaseAway):
    """PostgreSQL answers and takes no changes: a standby, or read-only by its settings."""


class DatabaseRefused(ServerError):
    """PostgreSQL does not do what it was asked, for instance for lack of a right."""


class FiguresMissing(ServerError):
    """The API has no figures, or only old ones, though the database answers."""


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


class DatabaseUnfit(SchemaError):
    """PostgreSQL is too old, does not store UTF-8 or is behind a connection pooler."""


class UnitsFileUnreadable(ServerError):
    """The CSV file of units is missing or lacks columns."""
