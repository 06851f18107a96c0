"""Every command that changes something in the database leaves an entry in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import psycopg
import pytest

from contract.topics import Address
from motcua.cli import main
from server.closing.keys import make_key
from server.db.connection import session_conninfo
from tests.commands import call
from tests.server import build
from tests.server.access.office import OWN, settle
from tests.server.asking import store

COUNTERS = f"unit,id\n{OWN},quay-9\n"
TEMPLATES_ALONE = {
    "staff", "assignments", "calendars", "complaints", "dossiers", "procedures", "targets", "units",
}  # fmt: skip
_MONTH = ("--period", "2026-10", "--format", "json")
DEVICE = f"{OWN}/quay-1/edge-1"

ACTS = {
    "user add": (["an", "--role", f"installer:{OWN}"], "account_added"),
    "user reset": (["an"], "account_reset"),
    "user disable": (["an"], "account_disabled"),
    "key add": (["program", "--right", "read_figures"], "key_added"),
    "key revoke": (["program"], "key_revoked"),
    "screen add": (["lobby"], "screen_added"),
    "screen revoke": (["lobby"], "screen_revoked"),
    "unit accept": ([OWN], "unit_accepted"),
    "device retire": ([DEVICE], "device_retired"),
    "device restore": ([DEVICE], "device_restored"),
    "import counters": (["counters.csv"], "records_imported"),
    "server replay-quarantine": ([], "quarantine_replayed"),
    "db verify": (["--repair"], "totals_repaired"),
    "privacy request": (["CB-1", "--kind", "access"], "privacy_request_noted"),
    "privacy acknowledge": (["1"], "privacy_request_acknowledged"),
    "privacy close": (["1", "--outcome", "sent"], "privacy_request_closed"),
    "privacy breach": (
        ["--what", "a list", "--whose", "three", "--measures", "found"], "privacy_breach_noted"
    ),
    "privacy breaches": (["--notified", "1"], "privacy_breach_notified"),
    "privacy export-officer": (["CB-1", "officer.json"], "officer_exported"),
    "privacy erase-officer": (["CB-1", "--yes"], "officer_erased"),
    "audit export": (["log.jsonl"], "audit_exported"),
    "brief subscribe": (["head@example.vn"], "brief_subscribed"),
    "brief unsubscribe": (["head@example.vn"], "brief_ended"),
    "closing close": (["2026-01"], "period_closed"),
    "closing resume": (["--reason", "a backup was restored"], "closings_resumed"),
    "closing key replace": (["second.key"], "closing_key_replaced"),
    "report unit": ([OWN, *_MONTH], "report_issued"),
    "report monthly": ([*_MONTH], "report_issued"),
    "report statutory": ([*_MONTH], "report_issued"),
    "report appraisal": (["--scheme", "qd766-2022", *_MONTH], "report_issued"),
}  # fmt: skip
"""In the order in which they are called: the words, and what is noted."""

READ_ALONE = {
    "db status", "device list", "unit list", "user list", "key list", "screen list",
    "audit verify", "privacy requests", "report explain", "report rankings",
    "closing check", "closing list", "closing key list",
    "report verify", "brief list", "brief show",
    "alerts backtest",
}  # fmt: skip
ELSEWHERE = {
    "closing restate": "tests/server/closing/test_versions.py",
    "db migrate": "below",
    "server pull": "tests/server/sources/test_pull.py reads; below it is noted",
    "report officer": "tests/server/reports/test_routes.py",
    "server api": "each request by itself",
    "server ingest": "devices' messages are no acts of people",
    "server worker": "nobody asks it to",
    "simulate history": "a trial's own database",
}


def leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}".strip(), command


def test_every_command_on_the_database_is_told_here():
    """A new one is called below, or says why nothing is noted."""
    found = {
        name
        for name, command in leaves(main)
        if any(option.name == "database_url" for option in command.params)
    }
    imports = {f"import {kind}" for kind in TEMPLATES_ALONE}  # as counters are
    assert found == {*ACTS, *READ_ALONE, *ELSEWHERE, *imports}


def entries(database_url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(session_conninfo(database_url)) as connection:
        return connection.execute(
            "SELECT action, kind, subject FROM audit_entry ORDER BY id"
        ).fetchall()


@pytest.mark.integration
def test_every_act_is_noted(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_CLOSING_KEY", str(make_key(tmp_path / "closing.key").file))
    Path("counters.csv").write_text(COUNTERS, encoding="utf-8")
    settle(database_url)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("INSERT INTO officer VALUES ('CB-1', 'name')")
    at = Address(unit=OWN, counter="quay-1", device="edge-1")
    store(database_url, (build.rating(datetime.now(UTC), address=at), at))
    for name, (words, action) in ACTS.items():
        before = len(entries(database_url))
        result = call(*name.split(), *words, "--database-url", database_url)
        assert result.exit_code == 0, (name, result.output)
        new = entries(database_url)[before:]
        assert [entry[:2] for entry in new] == [(action, "command")], name
        assert new[0][2] or name in {
            "server replay-quarantine", "db verify", "audit export",
        }, "of what"  # fmt: skip


@pytest.mark.integration
def test_a_dry_run_and_a_refused_file_note_nothing(database_url: str, tmp_path: Path) -> None:
    settle(database_url)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(COUNTERS, encoding="utf-8")
    bad.write_text(COUNTERS + "nowhere,quay-1\n", encoding="utf-8")
    for file, *more in ((good, "--dry-run"), (bad,)):
        call("import", "counters", file, *more, "--database-url", database_url)
        assert entries(database_url) == []
    call("import", "counters", bad, "--keep-going", "--database-url", database_url)
    assert entries(database_url) == [("records_imported", "command", "counters")] * 2
