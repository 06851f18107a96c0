"""Brings a database to this release's schema: forward only, one transaction per file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources

import psycopg

from runtime.sql import statements
from server.db.connection import one_line
from server.errors import (
    DatabaseUnfit,
    MigrationEdited,
    MigrationFailed,
    MigrationUnknown,
    SchemaBehind,
)

_SQL = statements("server.db", "migrations.sql")
_TIMESCALE = "timescale/"
_OLDEST_POSTGRESQL = 150_000


class MigrationState(StrEnum):
    """Where one migration stands in one database."""

    APPLIED = "applied"
    PENDING = "pending"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file. `timescale/` files only tune storage and need the extension."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def needs_timescale(self) -> bool:
        """Whether plain PostgreSQL skips it."""
        return self.name.startswith(_TIMESCALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """One migration's state in one database; `at` is when that was recorded."""

    name: str
    state: MigrationState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Record:
    name: str
    checksum: str
    skipped: bool
    at: datetime


def bundled() -> tuple[Migration, ...]:
    """Return this release's migrations: the common ones in order, then TimescaleDB's."""
    root = resources.files("server.db").joinpath("schema")
    common = [(file.name, file) for file in root.iterdir() if file.name.endswith(".sql")]
    timescale = [
        (f"{_TIMESCALE}{file.name}", file)
        for file in root.joinpath("timescale").iterdir()
        if file.name.endswith(".sql")
    ]
    return tuple(
        Migration(name=name, sql=file.read_text(encoding="utf-8"))
        for name, file in [*sorted(common), *sorted(timescale)]
    )


def migrate(
    connection: psycopg.Connection, migrations: Sequence[Migration] | None = None
) -> list[MigrationStatus]:
    """Apply what is missing and return what was done; the connection must be in autocommit.

    Skipped TimescaleDB migrations are recorded, and applied by a later run that finds the
    extension. Raises DatabaseUnfit, MigrationEdited, MigrationUnknown or MigrationFailed and
    leaves the migrations before it in place.
    """
    migrations = bundled() if migrations is None else migrations
    _require_fit(connection)
    with _alone(connection):
        connection.execute(_SQL["create_migration_table"])
        records = _records(connection)
        _verify(migrations, records)
        timescale = _has_timescale(connection)
        return [
            _apply(connection, migration, skip=migration.needs_timescale and not timescale)
            for migration in migrations
            if _state(migration, records, timescale=timescale) is MigrationState.PENDING
        ]


def status(
    connection: psycopg.Connection, migrations: Sequence[Migration] | None = None
) -> list[MigrationStatus]:
    """Return the state of every migration of this release; changes nothing."""
    migrations = bundled() if migrations is None else migrations
    records = _records(connection)
    _verify(migrations, records)
    timescale = _has_timescale(connection)
    return [
        MigrationStatus(
            name=migration.name,
            state=_state(migration, records, timescale=timescale),
            at=records[migration.name].at if migration.name in records else None,
        )
        for migration in migrations
    ]


def require_current(connection: psycopg.Connection) -> None:
    """Raise SchemaBehind unless every migration of this release is applied or skipped."""
    pending = [entry.name for entry in status(connection) if entry.state is MigrationState.PENDING]
    if pending:
        raise SchemaBehind(
            f"the database lacks {len(pending)} migrations, first {pending[0]}; "
            "run `motcua db migrate`"
        )


def _require_fit(connection: psycopg.Connection) -> None:
    if connection.info.server_version < _OLDEST_POSTGRESQL:
        raise DatabaseUnfit(
            f"PostgreSQL {connection.info.server_version // 10_000} is too old; "
            "use PostgreSQL 15 or newer"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnfit(
            f"the database stores texts as {encoding}, which cannot hold Vietnamese; "
            "create it with ENCODING 'UTF8' TEMPLATE template0"
        )


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute(_SQL["lock_migrations"])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(_SQL["unlock_migrations"])


def _records(connection: psycopg.Connection) -> dict[str, _Record]:
    row = connection.execute(_SQL["migration_table_exists"]).fetchone()
    if row is None or not row[0]:
        return {}
    rows = connection.execute(_SQL["applied_migrations"]).fetchall()
    return {row[0]: _Record(*row) for row in rows}


def _has_timescale(connection: psycopg.Connection) -> bool:
    row = connection.execute(_SQL["timescale_installed"]).fetchone()
    return row is not None and bool(row[0])


def _state(
    migration: Migration, records: Mapping[str, _Record], *, timescale: bool
) -> MigrationState:
    record = records.get(migration.name)
    if record is None:
        return MigrationState.PENDING
    if not record.skipped:
        return MigrationState.APPLIED
    return MigrationState.PENDING if timescale else MigrationState.SKIPPED


def _verify(migrations: Sequence[Migration], records: Mapping[str, _Record]) -> None:
    known = {migration.name: migration for migration in migrations}
    for name, record in records.items():
        if name not in known:
            raise MigrationUnknown(
                f"the database holds migration {name}, which this release does not know; "
                "install the newer release that made it"
            )
        if not record.skipped and known[name].checksum != record.checksum:
            raise MigrationEdited(
                f"migration {name} was changed after it was applied; restore the file and put "
                "the change into a new migration"
            )


def _apply(connection: psycopg.Connection, migration: Migration, *, skip: bool) -> MigrationStatus:
    try:
        with connection.transaction():
            if not skip:
                # A file of this release, run without parameters so that it may hold statements.
                connection.execute(migration.sql)
            row = connection.execute(
                _SQL["record_migration"],
                {"name": migration.name, "checksum": migration.checksum, "skipped": skip},
            ).fetchone()
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise MigrationFailed(
            f"migration {migration.name} failed and was undone: {one_line(error)}"
        ) from error
    assert row is not None
    state = MigrationState.SKIPPED if skip else MigrationState.APPLIED
    return MigrationStatus(name=migration.name, state=state, at=row[0])
