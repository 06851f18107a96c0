"""
What the server can fail at; each says what, which, and what to do next.

* ServerError
  x ConfigurationError     an address or setting cannot be used
    + SchemeInvalid        the file of a scheme contradicts itself, the catalogue or another version
  x RequestInvalid         what was asked cannot be answered as it stands
    + ScopeInvalid         the text names no scope
    + PeriodInvalid        the text names no period, or one that the KPI does not answer
    + BreakdownInvalid     the readings cannot be broken down so
    + CursorInvalid        the cursor of a page is none that an answer gave
    + NotScored            the scheme does not score this period or place, or scores are not alike
    + PointsInvalid        points or counts cannot be entered so
    + KeyReused            the key of a batch came before with another batch
    + AccountInvalid       an account, key or screen cannot be as it is described
    + PasswordUnfit        the password is too short, too long or too well known
    + LinkVoid             the one-time link or code is unknown, used or too old
    + CodeWrong            the code of a second factor is not right
    + AddressRefused       messages may not be sent to the address
    + RuleInvalid          the rule of an alert contradicts itself, or would fire always
  x NotFound               there is no such unit, counter or KPI
  x SignInNeeded           nobody says who asks
    + SignInRefused        name, password or code are not right
  x SignInPaused           too many attempts failed: the next one has to wait
  x Forbidden              the principal lacks the right
    + SecondFactorOwed     the role needs a second factor that is not set up
  x Conflict               what exists forbids it
  x ProviderAway           the province's single sign-on does not answer
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
  x MappingUnreadable      the file of a source's mapping is missing or wrong
  x TableUnreadable        a file to import is missing, damaged, or lacks columns
    + TableTooLarge        the spreadsheet is larger than what is read
  x FileNotWritten         a file that a command writes cannot be written
"""

from __future__ import annotations

from runtime.errors import ReportedError


class ServerError(ReportedError):
    """Base of everything that a server command reports to its user."""


class ConfigurationError(ServerError):
    """An address or setting cannot be used."""


class SchemeInvalid(ConfigurationError):
    """The file of a scheme contradicts itself, the catalogue or another version."""


class RequestInvalid(ServerError):
    """What was asked cannot be answered as it stands."""


class ScopeInvalid(RequestInvalid):
    """The text names no scope."""


class PeriodInvalid(RequestInvalid):
    """The text names no period, or one that the KPI does not answer."""


class BreakdownInvalid(RequestInvalid):
    """The readings cannot be broken down so."""


class CursorInvalid(RequestInvalid):
    """The cursor of a page is none that an answer gave."""


class NotScored(RequestInvalid):
    """The scheme does not score this period or place, or scores are of different formulas."""


class PointsInvalid(RequestInvalid):
    """Points or counts cannot be entered so."""


class KeyReused(RequestInvalid):
    """The key of a batch came before with another batch."""


class AccountInvalid(RequestInvalid):
    """An account, key or screen cannot be as it is described."""


class PasswordUnfit(RequestInvalid):
    """The password is too short, too long or too well known."""


class LinkVoid(RequestInvalid):
    """The one-time link or code is unknown, used or too old."""


class CodeWrong(RequestInvalid):
    """The code of a second factor is not right."""


class AddressRefused(RequestInvalid):
    """Messages may not be sent to the address, or its host is not found."""


class RuleInvalid(RequestInvalid):
    """The rule of an alert contradicts itself, names what is not known, or would fire always."""


class NotFound(ServerError):
    """There is no such unit, counter or KPI."""


class SignInNeeded(ServerError):
    """Nobody says who asks, or by a token that is not valid any more."""


class SignInRefused(SignInNeeded):
    """Name, password or code are not right; which of them is not said."""


class SignInPaused(ServerError):
    """Too many attempts failed: the next one has to wait `wait_s`."""

    def __init__(self, message: str, *, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Forbidden(ServerError):
    """The principal lacks the right."""


class SecondFactorOwed(Forbidden):
    """The role needs a second factor that is not set up."""


class Conflict(ServerError):
    """What exists forbids it."""


class ProviderAway(ServerError):
    """The province's single sign-on does not answer."""


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


class TableUnreadable(ServerError):
    """A file to import is missing, damaged, or lacks columns."""


class TableTooLarge(TableUnreadable):
    """The spreadsheet is larger than what is read."""


class FileNotWritten(ServerError):
    """A file that a command writes cannot be written."""


class MappingUnreadable(ServerError):
    """The file of a source's mapping is missing or wrong."""
