"""Registers of requests and breaches, and the export and erasure of one officer's data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from contract.messages import SessionEvent
from server.db.connection import session_conninfo
from tests.commands import call
from tests.server import build
from tests.server.asking import store

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
CODE, OTHER = "CB-1", "CB-2"


def command(database_url: str, *words: object) -> str:
    result = call("privacy", *words, "--database-url", database_url)
    assert result.exit_code == 0, result.output
    return result.output


def fetch(database_url: str, statement: str) -> list:
    with psycopg.connect(session_conninfo(database_url)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def served(database_url: str) -> str:
    """Two officers, one after the other at one counter, each with a rating."""
    messages = []
    for number, code in enumerate((CODE, OTHER)):
        start = NINE + timedelta(minutes=30 * number)
        on = build.officer_session(start, officer=code)
        off = build.officer_session(
            start + timedelta(minutes=30), officer=code, event=SessionEvent.OFF, session=on.session
        )
        messages += [on, off, build.rating(start + timedelta(minutes=10))]
    store(database_url, *messages)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO officer VALUES ('CB-1', 'Nguyễn Văn An'), ('CB-2', 'Trần Thị Bình')"
        )
        connection.execute("INSERT INTO officer_post (officer, unit) VALUES ('CB-1', 'tu-son')")
        connection.execute("INSERT INTO account (name, officer) VALUES ('an', 'CB-1')")
        connection.execute(
            "INSERT INTO dossier (code, source, revision, digest, procedure, receiving_unit,"
            " resolving_unit, channel, received_at, begun_at, counted,"
            " requests, waits_for_citizen, officer, stated_officer) VALUES"
            " ('G1', 's', now(), 1, '1.1', 'tu-son', 'tu-son', 'direct', now(), now(), true,"
            " 0, false, 'CB-1', 'CB-1')"
        )
    return database_url


def test_everything_that_names_an_officer_is_exported(served, tmp_path):
    command(served, "export-officer", CODE.lower(), tmp_path / "an.json")
    found = json.loads((tmp_path / "an.json").read_text("utf-8"))
    assert {
        "officer",
        "officer_post",
        "officer_session",
        "duty",
        "rating_hourly",
        "dossier",
    } <= set(found)
    assert "password" not in found["account"][0]
    assert OTHER not in json.dumps(found)


def test_an_erased_officer_is_named_nowhere_and_totals_stay(served, tmp_path):
    totals = "SELECT sum(score_5) FROM rating_totals WHERE level = 'hour'"
    dossiers = (
        "SELECT count(*), (SELECT sum(received) FROM dossier_total WHERE level = 'month')"
        " FROM dossier WHERE officer IS NOT NULL"
    )
    before = fetch(served, totals), fetch(served, dossiers)
    command(served, "erase-officer", CODE, "--yes")
    assert (fetch(served, totals), fetch(served, dossiers)) == before
    assert fetch(served, "SELECT count(*) FROM officer_rows('CB-1')") == [(0,)]
    for (table,) in fetch(
        served,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'audit%'",
    ):
        rows = fetch(served, f'SELECT to_jsonb(found)::text FROM "{table}" AS found')
        assert not [row for row in rows if '"CB-1"' in row[0] or "Văn An" in row[0]], table
    assert fetch(served, "SELECT count(*) FROM officer_rows('CB-2')") != [(0,)]
    again = call("privacy", "erase-officer", CODE, "--yes", "--database-url", served)
    assert (again.exit_code, again.output) == (1, "Error: nothing names an officer 'CB-1'\n")
    entries = fetch(served, "SELECT action, subject, details::text FROM audit_entry")
    assert [entry[:2] for entry in entries] == [("officer_erased", "CB-1")]
    assert "X-" not in entries[0][2]


def test_a_request_is_acknowledged_within_two_working_days(database_url):
    # Friday afternoon: Monday and Tuesday are the two working days.
    said = command(
        database_url, "request", "CB-1", "--kind", "access", "--received", "2026-10-02T16:00"
    )
    assert said == "request 1: acknowledge by 06/10/2026 17:00\n"
    assert command(database_url, "requests").startswith("!     1 access    CB-1  acknowledge by")
    command(database_url, "acknowledge", 1)
    assert "acknowledged" in command(database_url, "requests")
    command(database_url, "close", 1, "--outcome", "a copy was handed over")
    assert "closed" in command(database_url, "requests")
    twice = call("privacy", "close", 1, "--outcome", "x", "--database-url", database_url)
    assert twice.exit_code == 1


def test_a_breach_is_told_within_72_hours(database_url):
    said = command(
        database_url, "breach", "--what", "a laptop was stolen", "--whose", "40 officers",
        "--measures", "its key was revoked", "--found", "2026-10-02T16:00",
    )  # fmt: skip
    assert said == "breach 1: tell the authority by 05/10/2026 16:00\n"
    assert "not told" in command(database_url, "breaches")
    assert "told " in command(database_url, "breaches", "--notified", 1)
