"""Whatever changes behind a closed figure, or in the chain of closings, is found and named."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import AsyncConnection

from server.closing.verification import Findings, verify_chain, verify_closings
from server.closing.versions import close_period
from server.closing.views import Readers
from server.periods import Period
from tests.server.closing.province import (
    OCTOBER,
    SCHEMES,
    furnish,
    on,
    signing,
    verified,
)

pytestmark = pytest.mark.integration

_SWAP = """
WITH two AS (
    SELECT id, service_s, row_number() OVER (ORDER BY service_s, id) AS n
    FROM visit WHERE observed_at < '2026-10-06'
), pair AS (SELECT * FROM two WHERE n = 1 OR n = (SELECT max(n) FROM two))
UPDATE visit SET service_s = (SELECT service_s FROM pair WHERE pair.id <> visit.id)
WHERE id IN (SELECT id FROM pair)
"""
_MAKE_DIFFERENT = """
UPDATE visit SET service_s = 100 + n FROM (
    SELECT id AS own, row_number() OVER (ORDER BY id) AS n FROM visit
) AS numbered WHERE own = id
"""

_OPENED = ("closing", "closing_part", "closing_key", "audit_link", "rating", "rating_daily")

# What is done, and the beginning of the first line that tells it.
TAMPERED = {
    "one byte of a row": (
        "UPDATE rating SET score = 4 WHERE id = (SELECT min(id::text)::uuid FROM rating "
        "WHERE score = 5 AND observed_at < '2026-10-06')",
        "closing 1 (2026-10): rating of 2026-10-05: the rows are not those that were closed",
    ),
    "a row deleted": (
        "DELETE FROM wait WHERE id = (SELECT min(id::text)::uuid FROM wait "
        "WHERE observed_at > '2026-10-06')",
        "closing 1 (2026-10): wait of 2026-10-06: 40 rows were closed, 39 of them are there",
    ),
    "a row put in as if it had been there": (
        "INSERT INTO wait SELECT gen_random_uuid(), observed_at, unit, counter, device, seq, "
        "started_at, wait_s, outcome, received_at FROM wait WHERE observed_at > '2026-10-06' "
        "LIMIT 1",
        "closing 1 (2026-10): wait of 2026-10-06: 40 rows were closed, 41 of them are there",
    ),
    "two rows swapped": (
        _SWAP,
        "closing 1 (2026-10): visit of 2026-10-05: the rows are not those that were closed",
    ),
    "a dossier changed behind its trigger": (
        "ALTER TABLE dossier DISABLE TRIGGER USER; "
        "UPDATE dossier SET days = days + 1 WHERE code = 'G09-3'",
        "closing 1 (2026-10): dossiers_received of 2026-10-01: the rows are not those",
    ),
    "a total of a day": (
        "UPDATE rating_daily SET score_5 = score_5 + 1 WHERE day = '2026-10-05'",
        "closing 1 (2026-10): rating_daily of 2026-10-05: the rows are not those that were closed",
    ),
    "a total of a month": (
        "UPDATE rating_monthly SET score_5 = score_5 + 1 WHERE unit = 'tu-son'",
        "closing 1 (2026-10): its rows give other digits: reading ratings of province: n closed 80",
    ),
}

CHAIN = {
    "the document": (
        "UPDATE closing SET document = (SELECT document FROM closing WHERE number = 2) "
        "WHERE number = 1",
        "closing 1 (2026-10): the document is not the one that was closed",
    ),
    "document and digest": (
        "UPDATE closing SET document = other.document, digest = other.digest "
        "FROM closing AS other WHERE other.number = 2 AND closing.number = 1",
        "closing 1 (2026-10) is not what was sealed",
    ),
    "two links of the chain swapped": (
        "UPDATE closing SET number = 9 WHERE number = 1; "
        "UPDATE closing SET number = 1 WHERE number = 2; "
        "UPDATE closing SET number = 2 WHERE number = 9",
        "closing 1 (2026-09) is not chained to the one before it",
    ),
    "the first closing gone": (
        "DELETE FROM closing WHERE number = 1",
        "closing 1 is missing: the next one is closing 2 (2026-09)",
    ),
    "the chain cut off": (
        "DELETE FROM closing WHERE number = 2",
        "closing 2, which entry ",
    ),
    "chains of two databases joined": (
        "UPDATE closing SET previous = sha256('another') WHERE number = 2",
        "closing 2 (2026-09) is not chained to the one before it",
    ),
    "the signature": (
        "UPDATE closing SET signature = decode(repeat('00', 64), 'hex') WHERE number = 2",
        "closing 2 (2026-09) is not signed with key ",
    ),
    "the key": (
        "UPDATE closing_key SET public_key = decode(repeat('01', 32), 'hex')",
        "key 1 is not the one that is named ",
    ),
    "a link of the audit log": (
        "UPDATE audit_link SET link = sha256('another')",
        "closing 2 (2026-09): link 1 of the audit log is another one",
    ),
    "cause and changes": (
        """UPDATE closing SET changes = '[{"of": "nothing"}]' WHERE number = 1""",
        "closing 1 (2026-10): cause and changes are not those of the document",
    ),
}


PARTS = {
    "what is closed of an officer removed": (
        "DELETE FROM closing_part WHERE officer = 'CB-1'",
        "closing 1 (2026-10): part 'officer' of tu-son is missing or another one",
    ),
    "a unit's points another's": (
        "UPDATE closing_part SET content = (SELECT content FROM closing_part WHERE kind = 'unit' "
        "AND unit = 'que-vo' AND number = 1) WHERE kind = 'unit' AND unit = 'tu-son' "
        "AND number = 1",
        "closing 1 (2026-10): part 'unit' of tu-son is missing or another one",
    ),
    "two officers swapped": (
        "UPDATE closing_part SET officer = CASE officer WHEN 'CB-1' THEN 'x' ELSE 'CB-1' END "
        "WHERE officer IN ('CB-1', 'CB-2') AND number = 1; "
        "UPDATE closing_part SET officer = 'CB-2' WHERE officer = 'x'",
        "closing 1 (2026-10): its rows give other digits: figures of officer CB-1 of tu-son: ",
    ),
}


@pytest.fixture(scope="module")
def closed(module_database_url, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("closed")
    furnish(module_database_url, folder)
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute(_MAKE_DIFFERENT)
    with_key = signing(folder / "closing.key")

    async def work(connection: AsyncConnection) -> None:
        await close_period(connection, OCTOBER, with_key)
        await close_period(connection, Period.parse("2026-09", with_key.by.at), with_key)

    on(module_database_url, work)
    return module_database_url


def tampered(database_url: str, *statements: str, chain_alone: bool = False) -> Findings:
    async def work(connection: AsyncConnection) -> Findings:
        async with connection.transaction(force_rollback=True):
            await connection.execute("ALTER TABLE closing DROP CONSTRAINT closing_pkey CASCADE")
            for table in _OPENED:
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                await connection.execute(statement)
            if chain_alone:
                return await verify_chain(connection)
            # What is written here other connections do not see.
            alone = Readers(figures=connection, rows=(connection,))
            return await verify_closings(connection, alone, SCHEMES)

    return on(database_url, work)


def test_what_nobody_changed_holds(closed):
    found = verified(closed)
    assert (found.faults, found.notices) == ([], [])
    assert (found.closings, found.periods) == (2, 2)
    assert found.newest is not None
    assert verified(closed, expect=(2, found.newest.seal)).faults == []


def test_a_chain_that_was_made_anew_is_not_the_one_that_was_kept_elsewhere(closed):
    found = verified(closed, expect=(2, b"\1" * 32))
    assert found.faults == [
        "closing 2 is not the one that was kept elsewhere: the chain was cut off or made anew, or "
        "an older backup was restored"
    ]


@pytest.mark.parametrize("done", TAMPERED)
def test_a_change_is_found_and_its_first_place_named(closed, done):
    statement, first = TAMPERED[done]
    found = tampered(closed, statement)
    assert found.faults, done
    assert found.faults[0].startswith(first), found.faults


@pytest.mark.parametrize("done", CHAIN)
def test_a_change_of_the_chain_is_found_and_its_first_place_named(closed, done):
    statement, first = CHAIN[done]
    found = tampered(closed, statement, chain_alone=True)
    assert found.faults, done
    assert found.faults[0].startswith(first), found.faults


@pytest.mark.parametrize("done", PARTS)
def test_a_change_of_a_part_is_found_and_whose_it_is_named(closed, done):
    statement, first = PARTS[done]
    found = tampered(closed, statement)
    assert found.faults, done
    assert found.faults[0].startswith(first), found.faults


def test_messages_that_retention_ended_rest_on_the_signature(closed):
    found = tampered(
        closed,
        "DELETE FROM visit WHERE observed_at < '2026-10-06'",
        "UPDATE raw_horizon SET kept_from = '2026-10-06T00:00:00+07'",
    )
    assert found.faults == []
    assert found.notices == [
        f"closing 1 (2026-10): {table} of 1 days are not kept any more; that they were those that "
        "were closed rests on its signature"
        for table in ("rating", "visit", "wait")
    ]


def test_after_retention_totals_are_still_compared(closed):
    found = tampered(
        closed,
        "UPDATE raw_horizon SET kept_from = '2026-11-01T00:00:00+07'",
        TAMPERED["a total of a day"][0],
    )
    assert [each.partition(": ")[2] for each in found.faults] == [
        "rating_daily of 2026-10-05: the rows are not those that were closed"
    ]


def test_an_erased_officer_changes_no_digest(closed):
    found = tampered(closed, "SELECT erase_officer('CB-1', 'X-1')")
    assert found.faults == []
