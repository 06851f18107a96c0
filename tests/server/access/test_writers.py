"""Below the API: the roles that it writes with own nothing, and write where whoever asks may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege

from server.access.keys import add_key
from server.access.rights import Right
from server.access.sessions import WriteSession
from server.db.commands import run_once
from server.db.connection import session_conninfo
from server.db.pool import Database
from server.db.viewers import ANYBODY, Scribe
from tests.coroutines import apart, run
from tests.server.access.office import FOREIGN, OWN, Desk, at_desk, settle, sign_in_everybody
from tests.server.pools import PATIENT

pytestmark = pytest.mark.integration

T = TypeVar("T")
EVERYTHING = Scribe.of(
    staff=None, dossiers=None, complaints=None, devices=None, units=None, accounts=True
)
HERE = Scribe.of(staff=[OWN], dossiers=[OWN], complaints=[OWN], devices=[OWN], units=[OWN])
DOSSIER = (
    "INSERT INTO dossier (code, source, revision, digest, procedure, receiving_unit,"
    " resolving_unit, channel, received_at, begun_at, counted, requests, waits_for_citizen)"
    " VALUES ('D-{0}', 's', now(), 1, 'p', '{0}', '{0}', 'direct', now(), now(), true, 0, false)"
)


def code(unit: str) -> str:
    return f"CB-{unit.upper()}"


def into(name: str, unit: str) -> str:
    return PLACES[name].format(unit, code(unit))


@pytest.fixture
def settled(database_url: str) -> str:
    settle(database_url)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        for unit in (OWN, FOREIGN):
            connection.execute("INSERT INTO counter (unit, id) VALUES (%s, 'q')", (unit,))
            connection.execute(
                "INSERT INTO officer VALUES (%s, %s)", (code(unit), f"name of {unit}")
            )
            connection.execute(
                "INSERT INTO officer_post (officer, unit, valid_from)"
                " VALUES (%s, %s, '2026-01-01')",
                (code(unit), unit),
            )
            connection.execute(
                "INSERT INTO device (unit, counter, id, last_seen) VALUES (%s, 'q', 'd', now())",
                (unit,),
            )
    return database_url


def write(database_url: str, scribe: Scribe, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def change() -> T:
        database = Database(database_url, PATIENT)
        await database.open()
        try:
            return await database.change(work, scribe=scribe, within_s=30)
        finally:
            await database.close()

    return run(change())


def execute(database_url: str, scribe: Scribe, statement: str) -> int:
    async def work(connection: AsyncConnection) -> int:
        return (await connection.execute(statement)).rowcount

    return write(database_url, scribe, work)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "ALTER TABLE unit ADD COLUMN mine int",
        "DROP TABLE rating_hourly",
        "TRUNCATE unit CASCADE",
        "UPDATE audit_entry SET actor = 'somebody else'",
        "DELETE FROM audit_entry",
        "SELECT * FROM audit_entry",
        "DELETE FROM audit_link",
        "UPDATE rating_hourly SET score_5 = 9",
        "INSERT INTO rating_daily SELECT * FROM rating_daily",
        "UPDATE opinion_told SET score_5 = 9",
        "UPDATE dossier_total SET late = 0",
        "DELETE FROM rating",
        "SELECT officer FROM rating_totals",
        "SELECT officer FROM officer_session",
        "SELECT * FROM privacy_request",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    ],
)
def test_not_even_whoever_may_write_everything_may(settled, statement):
    with pytest.raises(InsufficientPrivilege):
        execute(settled, EVERYTHING, statement)


PLACES = {
    "dossier": DOSSIER,
    "device": "UPDATE device SET retired_at = now() WHERE unit = '{0}'",
    "unit": "UPDATE unit SET accepted = true WHERE id = '{0}'",
    "officer_post": "INSERT INTO officer_post (officer, unit, valid_from, valid_to)"
    " VALUES ('{1}', '{0}', '2025-01-01', '2025-12-31')",
    "assignment": "INSERT INTO assignment (id, officer, unit, counter, starts_at, ends_at, source)"
    " VALUES ('a-{0}', '{1}', '{0}', 'q', now(), now() + INTERVAL '1 hour', 'api')",
}


@pytest.mark.parametrize("name", PLACES)
def test_each_writes_in_their_units_and_in_no_other(settled, name):
    assert execute(settled, HERE, into(name, OWN)) == 1
    with pytest.raises(InsufficientPrivilege):
        execute(settled, HERE, into(name, FOREIGN))
    assert execute(settled, EVERYTHING, into(name, FOREIGN)) == 1
    with pytest.raises(InsufficientPrivilege):
        execute(settled, ANYBODY, into(name, OWN))


def test_officers_out_of_reach_are_neither_changed_nor_seen(settled):
    for statement in ("UPDATE officer SET name = 'x'", "DELETE FROM officer_post"):
        assert execute(settled, HERE, statement) == 1  # that of OWN
    with pytest.raises(InsufficientPrivilege):
        execute(settled, ANYBODY, "SELECT * FROM officer")


def test_totals_follow_what_is_written_by_whom_may_not_write_them(settled):
    execute(settled, HERE, DOSSIER.format(OWN))
    with psycopg.connect(session_conninfo(settled)) as connection:
        statement = (
            "SELECT sum(received)::int FROM dossier_total"
            " WHERE level = 'day' AND role = 'receiving'"
        )
        assert connection.execute(statement).fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO account (name, full_name) VALUES ('x', 'x')",
        "INSERT INTO account_role (account, role) SELECT id, 'auditor' FROM account",
        "INSERT INTO api_key (name, token, rights) VALUES ('x', 'x', '{}')",
        "INSERT INTO screen (name) VALUES ('x')",
    ],
)
def test_accounts_keys_and_screens_are_made_by_right_alone(settled, statement):
    sign_in_everybody(settled)
    with pytest.raises(InsufficientPrivilege):
        execute(settled, HERE, statement)


def test_a_route_without_its_check_writes_nothing_foreign(settled):
    tokens = sign_in_everybody(settled)

    async def work(desk: Desk) -> dict[str, int]:
        @desk.app.post("/forgotten")
        async def forgotten(session: WriteSession) -> int:
            async def everything(connection: AsyncConnection) -> int:
                cursor = await connection.execute(into("device", FOREIGN))
                return cursor.rowcount

            return await session.run(everything)

        asked = {**tokens, "nobody": None, "forged": "mts_" + "A" * 43}
        return {
            str(who): (await desk.ask("/forgotten", token, method="POST")).status_code
            for who, token in asked.items()
        }

    found = at_desk(settled, work)
    assert {who for who, status in found.items() if status != 403} == {"administrator", "operator"}


def test_a_key_of_one_unit_writes_no_other_units_staff(settled):
    async def key(connection: AsyncConnection) -> str:
        rights = [Right.WRITE_STAFF]
        return await add_key(connection, name="hr", rights=rights, unit=OWN, ends_at=None)

    token = apart(run_once, settled, key)

    async def work(desk: Desk) -> list[int]:
        answers = []
        for number, unit in enumerate((OWN, FOREIGN)):
            record = {"code": f"NEW-{number}", "name": "Somebody", "unit": unit}
            answer = await desk.client.put(
                "/api/v1/staff",
                json={"records": [record]},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"staff-{unit}"},
            )
            answers.append(answer.status_code)
        return answers

    assert at_desk(settled, work) == [200, 403]
