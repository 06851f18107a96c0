"""Two writers at once, as with two ingest processes: no deadlock, and every row once."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime

import psycopg
import pytest

from contract.topics import Address
from server.db.connection import connect
from server.ingest.batch import Accepted, Batch
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

AT = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
MAKERS = (build.rating, build.visit, build.observation, build.wait)


def batches(device: str, count: int) -> list[list[Accepted]]:
    """Return batches of one device a counter, in an order of its own."""
    chance = random.Random(device)
    result = []
    for _ in range(count):
        entries = []
        for _ in range(60):
            address = Address(unit="u", counter=f"quay-{chance.randrange(20)}", device=device)
            message = chance.choice(MAKERS)(AT, address=address)
            entries.append(build.accepted(message, address))
        result.append(entries)
    return result


def test_writers_of_the_same_counters_do_not_lock_each_other_out(database_url):
    sent = [batches(f"edge-{index}", 15) for index in range(3)]
    errors: list[psycopg.Error] = []

    def work(mine: list[list[Accepted]]) -> None:
        with connect(database_url, autocommit=True) as connection:
            for entries in mine:
                try:
                    write(connection, Batch(accepted=entries))
                except psycopg.Error as error:
                    errors.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []


def test_writers_of_the_same_messages_store_each_once(database_url):
    entries = [entry for batch in batches("edge-1", 10) for entry in batch]
    errors: list[psycopg.Error] = []

    def work(seed: int) -> None:
        mine = random.Random(seed).sample(entries, len(entries))
        with connect(database_url, autocommit=True) as connection:
            for start in range(0, len(mine), 50):
                try:
                    write(connection, Batch(accepted=mine[start : start + 50]))
                except psycopg.Error as error:
                    errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    with connect(database_url) as connection:
        stored = connection.execute(
            "SELECT (SELECT count(*) FROM rating), (SELECT count(*) FROM visit),"
            " (SELECT count(*) FROM observation), (SELECT count(*) FROM wait)"
        ).fetchone()
        totals = connection.execute(
            "SELECT (SELECT sum(score_5 + suspect_5) FROM rating_hourly),"
            " (SELECT sum(visits) FROM visit_hourly)"
        ).fetchone()
    assert stored is not None
    assert sum(stored) == len(entries)
    assert totals == stored[:2]
