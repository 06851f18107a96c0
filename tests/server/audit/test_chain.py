"""The audit log: who did what, and that a row that was changed or taken out is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import AsyncConnection

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.audit.chain import add_link, purge
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.db.commands import run_once
from server.db.connection import session_conninfo
from tests.commands import call
from tests.coroutines import apart
from tests.server.access.office import HERE, Desk, at_desk, sign_in

NOW = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def add(database_url: str, count: int, at: datetime = NOW, *, link: bool = True) -> None:
    async def work(connection: AsyncConnection) -> None:
        for number in range(count):
            entry = Entry(
                at=at, actor="an", kind="account", action=Action.OFFICER_SEEN,
                subject=f"CB-{number}", address="10.0.0.7", agent="a test",
            )  # fmt: skip
            await record(connection, entry)
        if link:
            await add_link(connection, at)

    apart(run_once, database_url, work)


def execute(database_url: str, statement: str, *, as_owner: bool = False) -> None:
    """Run a statement; `as_owner` as somebody who may switch triggers off."""
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        if as_owner:
            connection.execute("SET session_replication_role = replica")
        connection.execute(statement)


def fetch(database_url: str, statement: str) -> tuple:
    with psycopg.connect(session_conninfo(database_url)) as connection:
        return connection.execute(statement).fetchone()


def verify(database_url: str, *more: str) -> tuple[int, str]:
    result = call("audit", "verify", "--database-url", database_url, *more)
    return result.exit_code, result.output


def test_a_log_that_nobody_touched_holds(database_url):
    assert verify(database_url)[0] == 0
    for minute in range(3):
        add(database_url, 4, NOW + timedelta(minutes=minute))
    add(database_url, 2, link=False)
    code, said = verify(database_url)
    assert code == 0
    assert "3 links, 14 entries, 2 of them not linked yet, 0 links purged" in said


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'somebody else' WHERE id = 3",
        "UPDATE audit_entry SET at = at + interval '1 second' WHERE id = 3",
        "UPDATE audit_entry SET details = '{\"a\": 1}' WHERE id = 3",
        "DELETE FROM audit_entry WHERE id = 3",
        "INSERT INTO audit_entry (id, at, actor, kind, action, subject, address, agent) "
        "OVERRIDING SYSTEM VALUE VALUES (0, now(), '', '', '', '', '', '')",
        "DELETE FROM audit_link WHERE number = 1",
        "DELETE FROM audit_entry WHERE id <= 4; DELETE FROM audit_link WHERE number = 1",
        "UPDATE audit_link SET entries = 1 WHERE number = 2",
        "UPDATE audit_link SET made_at = now() WHERE number = 2",
        "UPDATE audit_link SET purged_at = now() WHERE number = 1",
    ],
)
def test_what_was_changed_is_refused_and_where_it_was_forced_it_is_noticed(database_url, statement):
    for minute in range(2):
        add(database_url, 4, NOW + timedelta(minutes=minute))
    if "INSERT" not in statement and "purged_at" not in statement:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(database_url, statement)
        assert verify(database_url)[0] == 0
    execute(database_url, statement, as_owner=True)
    code, said = verify(database_url)
    if "INSERT" in statement:
        assert code == 0  # before the first link's first entry there is nothing
    else:
        assert code == 1, said


def test_a_chain_that_was_made_anew_is_noticed_by_a_link_kept_elsewhere(database_url):
    add(database_url, 4)
    kept = verify(database_url)[1].split()[-1]
    assert verify(database_url, "--expect", kept)[0] == 0
    execute(database_url, "DELETE FROM audit_link", as_owner=True)
    execute(database_url, "UPDATE audit_entry SET actor = 'x'", as_owner=True)
    add(database_url, 1)
    assert verify(database_url)[0] == 0
    code, said = verify(database_url, "--expect", kept)
    assert code == 1
    assert "made anew" in said
    assert verify(database_url, "--expect", "nonsense")[0] == 1


def test_old_entries_go_in_whole_links_and_the_chain_holds(database_url):
    add(database_url, 4, NOW - timedelta(days=2000))
    add(database_url, 4, NOW)

    async def work(connection: AsyncConnection) -> int:
        return await purge(connection, NOW - timedelta(days=1827), NOW)

    assert apart(run_once, database_url, work) == 4
    code, said = verify(database_url)
    assert code == 0
    assert "2 links, 4 entries, 0 of them not linked yet, 1 links purged" in said


def test_an_entry_that_is_not_committed_is_in_no_link_and_in_the_next_one(database_url):
    """A link waits for whoever adds an entry."""
    add(database_url, 1)
    with psycopg.connect(session_conninfo(database_url)) as slow:
        slow.execute("SELECT pg_advisory_xact_lock_shared(418498013556)")
        slow.execute(
            "INSERT INTO audit_entry (at, actor, kind, action, subject, address, agent) "
            "VALUES (now(), 'slow', '', '', '', '', '')"
        )
        with psycopg.connect(session_conninfo(database_url), autocommit=True) as other:
            (free,) = other.execute("SELECT pg_try_advisory_xact_lock(418498013556)").fetchone()
            assert free is False
    add(database_url, 1)
    assert verify(database_url)[0] == 0


def test_acts_and_looks_are_recorded_with_who_when_and_from_where(database_url, tmp_path):
    admin = sign_in(database_url, "root", RoleHeld(role=Role.ADMINISTRATOR))
    auditor = sign_in(database_url, "mai", RoleHeld(role=Role.AUDITOR))

    async def work(desk: Desk) -> list[dict]:
        account = {"name": "lan", "roles": [{"role": "province_leader"}]}
        await desk.ask("/api/v1/accounts", admin, method="POST", json=account)
        await desk.ask("/api/v1/staff?unit=tu-son", admin)
        await desk.ask("/api/v1/accounts/lan", admin, method="DELETE")
        wrong = {"name": "lan", "password": "x\r\nforged line"}
        await desk.ask("/api/v1/sign-ins", method="POST", json=wrong)
        await desk.ask("/api/v1/sign-ins", method="POST", json={**wrong, "name": "a password"})
        assert (await desk.ask("/api/v1/audit", admin)).status_code == 403
        return (await desk.ask("/api/v1/audit", auditor)).json()

    entries = at_desk(database_url, work)
    found = [(entry["actor"], entry["action"], entry["subject"]) for entry in entries]
    assert found == [
        ("mai", "audit_read", ""),
        ("lan", "sign_in_refused", "lan"),
        ("root", "account_disabled", "lan"),
        ("root", "staff_seen", "tu-son"),
        ("root", "account_added", "lan"),
    ]
    assert entries[-1]["address"] == "127.0.0.1"
    assert entries[-1]["details"] == {"roles": ["province_leader:province"]}
    exported = call("audit", "export", tmp_path / "log", "--database-url", database_url)
    assert "5 entries written" in exported.output
    assert len((tmp_path / "log").read_text().splitlines()) == 5
    newest = fetch(database_url, "SELECT kind, action FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert newest == ("command", "audit_exported")


def test_nothing_that_a_terminal_obeys_is_kept(database_url):
    async def work(connection: AsyncConnection) -> None:
        entry = Entry(
            at=NOW, actor="an\r\nroot", kind="account", action=Action.SIGNED_IN,
            subject="\x1b[2J\x00", address=HERE.address, agent="x" * 5000,
        )  # fmt: skip
        await record(connection, entry)

    apart(run_once, database_url, work)
    with psycopg.connect(session_conninfo(database_url)) as connection:
        actor, subject, agent = connection.execute(
            "SELECT actor, subject, agent FROM audit_entry"
        ).fetchone()
    assert (actor, subject, len(agent)) == ("an\ufffd\ufffdroot", "\ufffd[2J\ufffd", 300)
