"""Migrations on a real PostgreSQL: forward only, once each, and nothing half done."""

from __future__ import annotations

import threading

import psycopg
import pytest

from server.db.bundled import Migration, bundled
from server.db.migrations import MigrationState, migrate, require_current, status
from server.errors import MigrationEdited, MigrationFailed, MigrationUnknown, SchemaBehind

pytestmark = pytest.mark.integration

ONE = Migration(name="001_one.sql", sql="CREATE TABLE one (id int); INSERT INTO one VALUES (1);")
TWO = Migration(name="002_two.sql", sql="CREATE TABLE two (id int);")
INDEX = Migration(
    name="003_index.sql",
    sql="-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS one_id ON one (id);\n",
)
TUNED = Migration(name="timescale/001_tuned.sql", sql="SELECT no_such_function();")


@pytest.fixture
def connection(empty_database_url):
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        yield connection


def states(entries) -> dict[str, MigrationState]:
    return {entry.name: entry.state for entry in entries}


def test_fresh_database_gets_everything_and_a_second_run_nothing(connection):
    done = migrate(connection)
    assert [entry.name for entry in done] == [migration.name for migration in bundled()]
    assert migrate(connection) == []
    require_current(connection)


def test_plain_postgresql_records_what_only_timescale_needs(connection):
    assert states(migrate(connection, [ONE, TUNED])) == {
        "001_one.sql": MigrationState.APPLIED,
        "timescale/001_tuned.sql": MigrationState.SKIPPED,
    }
    assert states(status(connection, [ONE, TUNED]))["timescale/001_tuned.sql"] is (
        MigrationState.SKIPPED
    )


def test_skipped_migration_may_still_be_corrected(connection):
    migrate(connection, [ONE, TUNED])
    corrected = Migration(name=TUNED.name, sql="SELECT 1;")
    assert migrate(connection, [ONE, corrected]) == []


def test_status_of_a_fresh_database_is_pending_and_changes_nothing(connection):
    assert set(states(status(connection)).values()) == {MigrationState.PENDING}
    assert connection.execute("SELECT to_regclass('schema_migration')").fetchone() == (None,)
    with pytest.raises(SchemaBehind, match="motcua db migrate"):
        require_current(connection)


def test_later_release_adds_to_what_is_there(connection):
    migrate(connection, [ONE])
    assert states(migrate(connection, [ONE, TWO])) == {"002_two.sql": MigrationState.APPLIED}


def test_failed_migration_is_undone_and_the_ones_before_it_stay(connection):
    broken = Migration(name="002_broken.sql", sql="CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(MigrationFailed, match=r"002_broken\.sql .* division by zero"):
        migrate(connection, [ONE, broken])
    assert connection.execute("SELECT id FROM one").fetchall() == [(1,)]
    assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
    assert states(migrate(connection, [ONE, TWO])) == {"002_two.sql": MigrationState.APPLIED}


def test_edited_migration_is_an_error(connection):
    migrate(connection, [ONE])
    edited = Migration(name=ONE.name, sql=ONE.sql + " -- a better idea")
    with pytest.raises(MigrationEdited, match=r"001_one\.sql"):
        migrate(connection, [edited])


def test_older_release_refuses_a_newer_database(connection):
    migrate(connection, [ONE, TWO])
    with pytest.raises(MigrationUnknown, match=r"002_two\.sql"):
        migrate(connection, [ONE])


def test_two_starts_at_once_migrate_once(empty_database_url):
    done: list[str] = []

    def start() -> None:
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            done.extend(entry.name for entry in migrate(connection))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == sorted(migration.name for migration in bundled())


def test_no_two_files_have_the_same_number():
    for prefix in ("", "timescale/"):
        numbers = [
            int(migration.name.removeprefix(prefix)[:3])
            for migration in bundled()
            if migration.is_ours and migration.needs_timescale == bool(prefix)
        ]
        assert numbers == sorted(set(numbers))


def test_statement_that_needs_it_runs_outside_a_transaction(connection):
    assert list(states(migrate(connection, [ONE, TWO, INDEX]))) == [
        "001_one.sql", "002_two.sql", "003_index.sql",
    ]  # fmt: skip
    assert connection.execute("SELECT to_regclass('one_id') IS NOT NULL").fetchone() == (True,)
    assert migrate(connection, [ONE, TWO, INDEX]) == []


def test_crash_between_such_a_statement_and_its_record_runs_it_again(connection):
    migrate(connection, [ONE, INDEX])
    connection.execute("DELETE FROM schema_migration WHERE name = %s", [INDEX.name])
    assert states(migrate(connection, [ONE, INDEX])) == {INDEX.name: MigrationState.APPLIED}
    assert migrate(connection, [ONE, INDEX]) == []


def test_failure_outside_a_transaction_says_that_a_part_may_be_left(connection):
    wrong = Migration(name="002_wrong.sql", sql="-- outside a transaction\nVACUUM no_such_table")
    with pytest.raises(MigrationFailed, match=r"002_wrong\.sql .* may have left a part"):
        migrate(connection, [ONE, wrong])


def test_second_start_does_not_stand_in_the_way_of_a_concurrent_index(empty_database_url):
    failures: list[Exception] = []

    def start() -> None:
        try:
            with psycopg.connect(empty_database_url, autocommit=True) as connection:
                migrate(connection, [ONE, INDEX])
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
