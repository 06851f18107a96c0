"""procrastinate's schema comes from its package: whole on a fresh database, else what is new."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from server.db.bundled import Migration, bundled, procrastinate_migrations
from server.db.migrations import MigrationState, migrate, require_current, status
from server.errors import MigrationUnknown, SchemaBehind

pytestmark = pytest.mark.integration

FILES = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
NEW = "procrastinate/03.11.00_01_pre_new.sql"


@pytest.fixture
def connection(empty_database_url):
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        yield connection


def package(folder: Path, schema: str, **files: str) -> tuple[Migration, ...]:
    """The migrations of a made-up package with this schema and these newer files."""
    for name, sql in files.items():
        (folder / f"03.{name}.sql").write_text(sql, encoding="utf-8")
    return procrastinate_migrations(schema, folder.iterdir())


@pytest.fixture
def older(tmp_path):
    (tmp_path / "old").mkdir()
    return package(tmp_path / "old", "CREATE TABLE job (id int);")


@pytest.fixture
def newer(tmp_path):
    (tmp_path / "new").mkdir()
    files = {"11.00_01_pre_new": "ALTER TABLE job ADD COLUMN new int;"}
    return package(tmp_path / "new", "CREATE TABLE job (id int, new int);", **files)


def names(entries) -> list[str]:
    return [entry.name for entry in entries]


def shape(connection) -> list[tuple]:
    """The columns, functions, triggers, indexes and enum values of procrastinate."""
    rows = connection.execute(
        """
        SELECT 'column', table_name || '.' || column_name, data_type || is_nullable
        FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
        UNION ALL
        SELECT 'function', oid::regprocedure::text, '' FROM pg_proc
        WHERE proname LIKE 'procrastinate%'
        UNION ALL
        SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger
        WHERE tgname LIKE 'procrastinate%'
        UNION ALL
        SELECT 'index', indexname, '' FROM pg_indexes WHERE tablename LIKE 'procrastinate%'
        UNION ALL
        SELECT 'value', enumlabel, enumtypid::regtype::text FROM pg_enum
        """
    ).fetchall()
    return sorted(rows)


def test_fresh_database_gets_the_whole_schema_and_runs_no_file(connection, newer):
    assert names(migrate(connection, newer)) == ["procrastinate/schema.sql", NEW]
    assert migrate(connection, newer) == []
    assert {entry.state for entry in status(connection, newer)} == {MigrationState.APPLIED}


def test_upgraded_package_applies_only_what_is_new(connection, older, newer):
    migrate(connection, older)
    assert [entry.state for entry in status(connection, newer)] == [
        MigrationState.APPLIED, MigrationState.PENDING,
    ]  # fmt: skip
    assert names(migrate(connection, newer)) == [NEW]
    assert connection.execute("SELECT id, new FROM job").fetchall() == []


def test_package_older_than_the_database_is_refused(connection, older, newer):
    migrate(connection, newer)
    with pytest.raises(MigrationUnknown, match=NEW):
        migrate(connection, older)


def test_missing_schema_is_pending_for_every_process(connection):
    migrate(connection, [migration for migration in bundled() if migration.is_ours])
    with pytest.raises(SchemaBehind, match=r"first procrastinate/schema\.sql"):
        require_current(connection)


def test_real_files_bring_an_old_database_to_the_schema_of_the_package(connection, postgres):
    """A database as release 3.0 made it, upgraded by the package's own files through our runner."""
    whole = procrastinate_migrations(SchemaManager.get_schema(), FILES, since="03.01")
    for file in FILES:
        if file.name < "03.01":
            connection.execute(file.read_text(encoding="utf-8"))
    migrate(connection, [Migration(name="procrastinate/schema.sql", sql="SELECT 1;")])
    done = names(migrate(connection, whole))
    assert done == [f"procrastinate/{file.name}" for file in FILES if file.name >= "03.01"]
    upgraded = shape(connection)
    connection.execute("DROP SCHEMA public CASCADE")
    connection.execute("CREATE SCHEMA public")
    migrate(connection, whole)
    assert upgraded == shape(connection)
    assert len(upgraded) > 50
