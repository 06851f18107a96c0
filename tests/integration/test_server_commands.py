"""The server's commands against databases that do not fit: exit code 1 and one clear line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from contract.topics import Address
from server.db.connection import connect
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.given_postgres import GivenPostgres
from tests.server import build

pytestmark = pytest.mark.integration

UNITS = "id,parent,name_vi,name_en,kind\ntu-son,,Phường Từ Sơn,Tu Son ward,ward\n"


def line_of(*arguments: str) -> str:
    """Return the one line that a failing command prints."""
    command = [sys.executable, "-m", "motcua.cli", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1, result.stdout
    (line,) = (result.stdout + result.stderr).splitlines()
    return line


@pytest.fixture
def units(tmp_path) -> str:
    file = tmp_path / "units.csv"
    file.write_text(UNITS, encoding="utf-8")
    return str(file)


@pytest.fixture
def weak_url(postgres, empty_database_url) -> Iterator[str]:
    """The address of an empty database in which the role may do nothing."""
    if isinstance(postgres, GivenPostgres):
        pytest.skip("roles are made on the tests' own server only")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE motcua_weak LOGIN PASSWORD 'weak'")
    yield f"postgresql://motcua_weak:weak@{empty_database_url.rpartition('@')[2]}"
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE motcua_weak")


@pytest.fixture
def newer_url(database_url) -> str:
    """The address of a database that a later release has migrated."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO schema_migration (name, checksum, skipped) VALUES ('999_x.sql', '', false)"
        )
    return database_url


def test_import_and_replay_ask_for_the_missing_migrations(empty_database_url, units):
    for arguments in (("import", "units", units), ("server", "replay-quarantine")):
        line = line_of(*arguments, "--database-url", empty_database_url)
        assert "run `motcua db migrate`" in line


def test_every_command_refuses_a_newer_database(newer_url, units):
    for arguments in (
        ("db", "migrate"), ("db", "status"), ("server", "api"), ("server", "ingest"),
        ("server", "worker"), ("server", "replay-quarantine"), ("import", "units", units),
    ):  # fmt: skip
        line = line_of(*arguments, "--database-url", newer_url)
        assert "999_x.sql" in line
        assert "newer release" in line


def test_role_without_rights_is_one_clear_line(weak_url):
    line = line_of("db", "migrate", "--database-url", weak_url)
    assert "permission denied" in line
    assert "check the rights" in line
    assert ":weak@" not in line


def test_database_that_cannot_hold_vietnamese_is_refused(postgres, empty_database_url):
    name = f"latin_{empty_database_url.rpartition('_')[2]}"
    identifier = sql.Identifier(name)
    create = sql.SQL(
        "CREATE DATABASE {} ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    )
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(create.format(identifier))
    try:
        line = line_of("db", "migrate", "--database-url", postgres.url_of(name))
        assert "LATIN1" in line
        assert "ENCODING 'UTF8'" in line
    finally:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(identifier))


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("ingest", "MOTCUA_INGEST_BATCH_MESSAGES", "many"),
        ("ingest", "MOTCUA_INGEST_PAST_LIMIT_DAYS", "4000"),
        ("api", "MOTCUA_API_RENEW_S", "-1"),
        ("worker", "MOTCUA_QUARANTINE_KEEP_REPLAYED_DAYS", "never"),
        ("worker", "MOTCUA_API_POOL_CONNECTIONS", "0"),
    ],
)
def test_wrong_setting_is_one_clear_line(monkeypatch, command, variable, value):
    monkeypatch.setenv(variable, value)
    assert f"{variable}={value}: Input should be" in line_of("server", command)


def output_of(*arguments: str) -> str:
    """Return what a command prints that succeeds."""
    command = [sys.executable, "-m", "motcua.cli", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_devices_are_listed_retired_and_restored(database_url):
    where = ("--database-url", database_url)
    with connect(database_url, autocommit=True) as connection:
        write(connection, Batch(accepted=[build.accepted(build.health(datetime.now(UTC)))]))
    name = "tu-son/quay-1/edge-1"
    assert output_of("device", "list", *where).split()[:2] == [name, "online"]
    assert output_of("device", "retire", name, *where) == "Retired.\n"
    assert output_of("device", "retire", name, *where) == "It was retired already.\n"
    assert output_of("device", "list", *where) == ""
    assert output_of("device", "list", "--all", *where).split()[:2] == [name, "retired"]
    assert output_of("device", "restore", name, *where) == "Restored.\n"
    assert name in output_of("device", "list", *where)
    assert "device list" in line_of("device", "retire", "tu-son/quay-1/edge-2", *where)


def test_units_that_a_message_named_are_listed_and_accepted(database_url, units):
    where = ("--database-url", database_url)
    output_of("import", "units", units, *where)
    address = Address(unit="mistyped", counter="quay-1", device="edge-1")
    with connect(database_url, autocommit=True) as connection:
        beat = build.health(datetime.now(UTC), address=address)
        write(connection, Batch(accepted=[build.accepted(beat, address)]))
    assert output_of("unit", "list", "--waiting", *where).split()[:2] == ["mistyped", "waiting"]
    assert output_of("unit", "accept", "mistyped", *where) == "mistyped is accepted.\n"
    assert output_of("unit", "list", "--waiting", *where) == ""
    assert len(output_of("unit", "list", *where).splitlines()) == 2
    assert "unit list" in line_of("unit", "accept", "nowhere", *where)
