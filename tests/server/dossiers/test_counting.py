"""Dossiers that are counted together give the totals of those counted one batch after another."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from psycopg import AsyncConnection

from server.dossiers.store import counted_together, store_records
from server.procedures.store import Named, register
from tests.server.asking import ask
from tests.server.dossiers.given import BIRTH, at, record

pytestmark = pytest.mark.integration

BATCHES = [
    [
        record(
            f"G{number}",
            received_at=at("2026-05-28T08:00") + timedelta(days=number),
            promised_at=at("2026-06-03"),
            officer=f"CB-{number % 3}",
            fee_due=number % 2 == 0,
        )
        for number in range(12)
    ],
    # What was stated before is stated anew: ended, and by another unit.
    [
        record(
            f"G{number}",
            revision=at("2026-06-20T08:00"),
            received_at=at("2026-05-28T08:00") + timedelta(days=number),
            processed_at=at("2026-06-15T10:00"),
            resolving_unit="kinh-bac" if number % 4 == 0 else "vo-cuong",
        )
        for number in range(0, 12, 2)
    ],
    [record("late", revision=at("2026-06-21T08:00"), withdrawn_at=at("2026-06-02T10:00"))],
]


def totals(database_url: str) -> tuple[list[tuple[object, ...]], ...]:
    with psycopg.connect(database_url) as connection:
        return tuple(
            connection.execute(f"SELECT * FROM {table} ORDER BY {table}::text").fetchall()
            for table in ("dossier_total", "dossier_duration_monthly", "dossier_uncounted")
        )


async def prepare(connection: AsyncConnection) -> None:
    for unit in ("vo-cuong", "kinh-bac"):
        await connection.execute(
            "INSERT INTO unit (id, name_vi, name_en) VALUES (%s, 'x', 'x')", (unit,)
        )
    await register(
        connection, [Named(code=BIRTH.code, name=None, family=BIRTH.family, family_name=None)]
    )


def stored(database_url: str, *, together: bool, in_between: bool = False) -> None:
    async def store(connection: AsyncConnection) -> None:
        for batch in BATCHES:
            await store_records(connection, batch)
            if in_between:
                await connection.execute("SELECT count_uncounted_dossiers(1)")

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(
            "TRUNCATE dossier, dossier_total, dossier_duration_monthly, dossier_uncounted"
        )
        if together:
            async with counted_together(connection):
                await store(connection)
        else:
            await store(connection)

    ask(database_url, work)


def test_totals_are_those_of_one_batch_after_another(database_url):
    ask(database_url, prepare)
    stored(database_url, together=False)
    expected = totals(database_url)
    assert len(expected[0]) > 20
    for in_between in (False, True):
        stored(database_url, together=True, in_between=in_between)
        told = totals(database_url)
        assert [kept(rows) for rows in told] == [kept(rows) for rows in expected]
        assert told[2] == []


def kept(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return the rows that count anything: what was counted and taken back may leave zeros."""
    return [row for row in rows if any(isinstance(value, int) and value for value in row)]


def test_what_comes_after_is_counted_at_once_and_what_is_undone_leaves_nothing(database_url):
    async def work(connection: AsyncConnection) -> None:
        async with counted_together(connection):
            await store_records(connection, BATCHES[0])
        await store_records(connection, [record("after")])

    async def undone(connection: AsyncConnection) -> None:
        async with connection.transaction() as all_of_it, counted_together(connection):
            await store_records(connection, BATCHES[1])
            raise psycopg.Rollback(all_of_it)

    ask(database_url, prepare)
    ask(database_url, work)
    ask(database_url, undone)
    with psycopg.connect(database_url) as connection:
        received = connection.execute(
            "SELECT sum(received) FROM dossier_total WHERE level = 'day' AND role = 'receiving'"
        ).fetchone()
    assert received == (len(BATCHES[0]) + 1,)
    assert totals(database_url)[2] == []
