"""The migrations that come with this release: our files, procrastinate's, then TimescaleDB's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from procrastinate.schema import SchemaManager

_TIMESCALE = "timescale/"
_PROCRASTINATE = "procrastinate/"
_OUTSIDE = "-- outside a transaction"

_OLDEST_PROCRASTINATE = "03.05"
"""The oldest release that pyproject.toml allows, as its files of migrations begin: what is older
is part of every schema that a release of ours has ever installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file, or the whole schema of a package.

    A file runs in one transaction. One that opens with the line `-- outside a transaction` holds a
    single statement that PostgreSQL takes in autocommit only (CREATE INDEX CONCURRENTLY, some calls
    of TimescaleDB). It is recorded afterwards, so a crash in between runs it again: it has to be
    repeatable, for instance by IF NOT EXISTS. An index that was built CONCURRENTLY and broke off
    stays behind invalid and would satisfy IF NOT EXISTS: give the file before it the statement
    DROP INDEX CONCURRENTLY IF EXISTS, and number the two as a pair.

    `contains` names the migrations whose effect this one already has: they are recorded with it.
    """

    name: str
    sql: str
    contains: frozenset[str] = field(default_factory=frozenset)

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def needs_timescale(self) -> bool:
        """Whether plain PostgreSQL skips it: such files only tune storage."""
        return self.name.startswith(_TIMESCALE)

    @property
    def is_ours(self) -> bool:
        """Whether its text never changes once applied; packages may edit theirs."""
        return not self.name.startswith(_PROCRASTINATE)

    @property
    def in_transaction(self) -> bool:
        """Whether it is undone as a whole when it fails."""
        return self.sql.partition("\n")[0].rstrip() != _OUTSIDE


def bundled() -> tuple[Migration, ...]:
    """Return this release's migrations in the order in which they are applied."""
    root = resources.files("server.db").joinpath("schema")
    return (
        *_files(root.iterdir(), prefix=""),
        *procrastinate_migrations(
            SchemaManager.get_schema(), Path(SchemaManager.get_migrations_path()).iterdir()
        ),
        *_files(root.joinpath("timescale").iterdir(), prefix=_TIMESCALE),
    )


def procrastinate_migrations(
    schema: str, files: Iterable[Traversable], *, since: str = _OLDEST_PROCRASTINATE
) -> tuple[Migration, ...]:
    """Return the package's schema for a fresh database, then its files that are newer than `since`.

    A fresh database gets the schema, which contains those files: they are recorded and not run. A
    database that was made with an older package has the schema and the files of that time on
    record, and runs those that have come since.
    """
    newer = [file for file in files if file.name >= since]
    upgrades = _files(newer, prefix=_PROCRASTINATE)
    contained = frozenset(migration.name for migration in upgrades)
    name = f"{_PROCRASTINATE}schema.sql"
    return (Migration(name=name, sql=schema, contains=contained), *upgrades)


def _files(files: Iterable[Traversable], *, prefix: str) -> tuple[Migration, ...]:
    return tuple(
        Migration(name=f"{prefix}{file.name}", sql=file.read_text(encoding="utf-8"))
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".sql")
    )
