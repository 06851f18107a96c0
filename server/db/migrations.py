"""Brings a database to this release's schema: forward only, each migration once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg

from runtime.backoff import Backoff
from runtime.sql import statements
from server.db.bundled import Migration, bundled
from server.db.connection import one_line
from server.errors import (
    DatabaseUnfit,
    MigrationEdited,
    MigrationFailed,
    MigrationUnknown,
    SchemaBehind,
)

_SQL = statements("server.db", "migrations.sql")
_OLDEST_POSTGRESQL = 150_000


class MigrationState(StrEnum):
    """Where one migration stands in one database."""

    APPLIED = "applied"
    PENDING = "pending"
    SKIPPED = "skipped"


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
        _verify(migrations, _records(connection))
        timescale = _has_timescale(connection)
        done: list[MigrationStatus] = []
        recorded: set[str] = set()
        for migration in _pending(connection, migrations, timescale=timescale):
            if migration.name in recorded:
                continue
            skip = migration.needs_timescale and not timescale
            with_it = [other for other in migrations if other.name in migration.contains]
            applied = _apply(connection, [migration, *with_it], skip=skip)
            recorded.update(entry.name for entry in applied)
            done += applied
        roles = (("has_readers", "renew_readers"), ("has_writers", "renew_writers"))
        for has, renew in roles if done else ():
            if _holds(connection.execute(_SQL[has])):
                with connection.transaction():
                    connection.execute(_SQL[renew])
        return done


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
    """Keep other starts waiting. They ask again and again instead of waiting in the database:
    CREATE INDEX CONCURRENTLY waits for every statement that runs, also for one that waits for us.
    """
    pauses = Backoff(0.05, 1.0)
    while not _holds(connection.execute(_SQL["try_lock_migrations"])):
        time.sleep(pauses.next_s())
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
    return _holds(connection.execute(_SQL["timescale_installed"]))


def _holds(cursor: psycopg.Cursor) -> bool:
    row = cursor.fetchone()
    return row is not None and bool(row[0])


def _pending(
    connection: psycopg.Connection, migrations: Sequence[Migration], *, timescale: bool
) -> list[Migration]:
    records = _records(connection)
    return [
        migration
        for migration in migrations
        if _state(migration, records, timescale=timescale) is MigrationState.PENDING
    ]


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
        migration = known[name]
        if migration.is_ours and not record.skipped and migration.checksum != record.checksum:
            raise MigrationEdited(
                f"migration {name} was changed after it was applied; restore the file and put "
                "the change into a new migration"
            )


def _apply(
    connection: psycopg.Connection, migrations: Sequence[Migration], *, skip: bool
) -> list[MigrationStatus]:
    """Run the first of `migrations` unless it is skipped, and record them all as done by it."""
    first = migrations[0]
    try:
        with connection.transaction() if first.in_transaction else nullcontext():
            if not skip:
                # A file of this release, run without parameters: it may hold several statements.
                connection.execute(first.sql)
            return _record(connection, migrations, skip=skip)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        outcome = "was undone" if first.in_transaction else "may have left a part of its work"
        raise MigrationFailed(
            f"migration {first.name} failed and {outcome}: {one_line(error)}"
        ) from error


def _record(
    connection: psycopg.Connection, migrations: Sequence[Migration], *, skip: bool
) -> list[MigrationStatus]:
    done = []
    for migration in migrations:
        row = connection.execute(
            _SQL["record_migration"],
            {"name": migration.name, "checksum": migration.checksum, "skipped": skip},
        ).fetchone()
        assert row is not None
        state = MigrationState.SKIPPED if skip else MigrationState.APPLIED
        done.append(MigrationStatus(name=migration.name, state=state, at=row[0]))
    return done
