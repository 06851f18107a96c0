"""A storm of late, doubled and corrected messages, dossiers and events while whoever counts anew is
killed again and again.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from contract.messages import SessionEvent, TicketEvent
from contract.topics import Address
from server.db.connection import session
from server.dossiers.dossiers import DossierRecord, Event, EventKind
from server.dossiers.store import store_events, store_records
from server.facts.verification import verify_days, verify_levels
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.links.verification import verify_links
from server.procedures.store import Named, register
from tests.commands import call
from tests.server import build
from tests.server.asking import ask
from tests.server.dossiers.given import record

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

MORNING = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
PLACES = tuple(Address(unit="tu-son", counter=f"quay-{n}", device="edge") for n in range(6))
WORK = """
import asyncio, sys
from server.db.pool import Database, PoolSettings
from server.complaints.following import recompute_stale as recompute_complaints
from server.dossiers.store import recompute_stale as recompute_dossiers
from server.stale import recompute_all
from server.facts.jobs import recount_all
from server.links.jobs import relink_all

async def follow(url):
    database = Database(url, PoolSettings())
    await database.open()
    try:
        await recompute_all(database, recompute_dossiers)
        await recompute_all(database, recompute_complaints)
    finally:
        await database.close()

recount_all(sys.argv[1])
relink_all(sys.argv[1])
asyncio.run(follow(sys.argv[1]))
"""


def storm(chance: random.Random) -> list[tuple[object, Address]]:
    """Return a day's messages: ratings, visits, tickets, and officers' sign-ons and sign-offs."""

    def at() -> datetime:
        return MORNING + timedelta(seconds=chance.randrange(8 * 3600))

    found: list[tuple[object, Address]] = []
    for place in PLACES:
        for _ in range(60):
            found.append((build.rating(at(), chance.randint(1, 5), address=place), place))
            found.append((build.visit(at(), chance.uniform(60, 900), address=place), place))
            event = chance.choice([TicketEvent.CALLED, TicketEvent.SKIPPED])
            found.append((build.ticket(at(), event=event, service="A", address=place), place))
        for officer in ("CB01", "CB02", "CB03"):
            on = build.officer_session(at(), officer=officer, address=place)
            off = build.officer_session(
                at(), officer=officer, event=SessionEvent.OFF, session=on.session, address=place
            )
            found += [(on, place), (off, place)]
    repeated = chance.sample(found, len(found) // 5)
    shuffled = found + repeated
    chance.shuffle(shuffled)
    return shuffled


def books(chance: random.Random) -> list[DossierRecord | Event]:
    """Return statements about dossiers and events of them, with corrections, late and doubled."""
    found: list[DossierRecord | Event] = []
    for number in range(80):
        code = f"D-{number:03}"
        received = MORNING - timedelta(days=chance.randrange(60))
        for version in range(chance.randint(1, 3)):
            ended = received + timedelta(hours=chance.randrange(1, 300))
            stated = record(
                code,
                revision=received + timedelta(days=version),
                procedure=chance.choice(("P-1", "P-2")),
                receiving_unit="tu-son",
                resolving_unit=chance.choice(("tu-son", "vo-cuong")),
                received_at=received,
                promised_at=chance.choice((None, received + timedelta(days=4))),
                processed_at=chance.choice((None, ended)),
                ticket=chance.choice((None, "A001")),
            )
            found.append(stated)
        for kind in chance.sample((EventKind.APOLOGISED, EventKind.WITHDRAWN, EventKind.RATED), 2):
            at = received + timedelta(days=1)
            told = Event(code=code, id=str(kind), kind=kind, at=at, revision=at, score=4)
            found += [
                told,
                replace(told, revision=at + timedelta(days=1), void=chance.random() < 0.5),
            ]
    found += chance.sample(found, len(found) // 5)
    chance.shuffle(found)
    return found


def store_books(url: str, part: list[DossierRecord | Event]) -> None:
    async def fill(connection: psycopg.AsyncConnection) -> None:
        await register(connection, [Named(code=code) for code in ("P-1", "P-2")])
        await store_records(connection, [each for each in part if isinstance(each, DossierRecord)])
        await store_events(connection, [each for each in part if isinstance(each, Event)], "test")

    ask(url, fill)


def test_totals_are_those_of_the_rows_whoever_recounts_is_killed(database_url):
    chance = random.Random(7)
    messages, records = storm(chance), books(chance)
    steps = range(0, len(messages), 50)
    size = len(records) // len(steps) + 1
    with session(database_url) as connection:
        connection.execute("INSERT INTO ticket_service VALUES ('A', 'land')")
        for unit in ("tu-son", "vo-cuong"):
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en) VALUES (%s, 'x', 'x')", [unit]
            )
        for number, start in enumerate(steps):
            worker = subprocess.Popen([sys.executable, "-c", WORK, database_url])
            part = messages[start : start + 50]
            write(connection, Batch(accepted=[build.accepted(*each) for each in part]))
            store_books(database_url, records[number * size : (number + 1) * size])
            if number % 5 == 0:  # all dossiers have another limit
                connection.execute("UPDATE procedure SET limit_days = %s", [1 + number])
            time.sleep(chance.uniform(0, 0.5))
            worker.kill()
            worker.wait()
        subprocess.run([sys.executable, "-c", WORK, database_url], check=True)
        days = list(verify_days(connection, repair=False))
        assert sum(day.hours for day in days) > 40
        assert [day.differences for day in days] == [()] * len(days)
        assert verify_levels(connection, repair=False) == ()
        linked = list(verify_links(connection, repair=False))
        assert len(linked) > 5
        assert {day.differences for day in linked} == {()}
        (dossiers,) = connection.execute("SELECT count(*) FROM dossier").fetchone()
        assert dossiers == 80
        assert call("db", "verify", "--database-url", database_url).output.endswith(
            " 0 differences found.\n"
        )


def test_what_is_wrong_is_found_and_repaired(database_url):
    with session(database_url) as connection:
        write(connection, Batch(accepted=[build.accepted(build.rating(MORNING))]))
        connection.execute("UPDATE rating_hourly SET score_5 = 7")
        connection.execute("UPDATE rating_monthly SET score_1 = 3")
        (day,) = verify_days(connection, repair=True)
        assert {difference.total for difference in day.differences} == {"rating"}
        (wrong, right) = verify_levels(connection, repair=True)
        assert {wrong.level, right.level} == {"month"}
        assert [each.differences for each in verify_days(connection, repair=False)] == [()]
        assert verify_levels(connection, repair=False) == ()
        assert connection.execute("SELECT score_5 FROM rating_daily").fetchone() == (1,)


def test_wrong_days_of_linked_ratings_are_found_and_repaired(database_url):
    with session(database_url) as connection:
        write(connection, Batch(accepted=[build.accepted(build.rating(MORNING))]))
        connection.execute("UPDATE unattributed_daily SET unlinked = 9")
        found = verify_levels(connection, repair=True)
        assert {difference.total for difference in found} == {"unattributed"}
        assert {difference.level for difference in found} == {"day"}
        assert verify_levels(connection, repair=False) == ()
        assert connection.execute(
            "SELECT ratings, unlinked FROM unattributed_daily"
        ).fetchone() == (1, 1)


RETENTION = """
CREATE SCHEMA IF NOT EXISTS timescaledb_information;
CREATE TABLE IF NOT EXISTS timescaledb_information.jobs (
    proc_name text, hypertable_schema text, hypertable_name text, config jsonb
)"""
POLICY = """
INSERT INTO timescaledb_information.jobs
VALUES ('policy_retention', current_schema(), 'rating', '{"drop_after": "400 days"}')"""


def test_what_retention_has_dropped_is_listed_and_never_counted_anew(database_url):
    long_ago = datetime.now(UTC) - timedelta(days=401)
    with session(database_url) as connection:
        # Without TimescaleDB its table of policies is made for the test.
        if connection.execute("SELECT to_regclass('timescaledb_information.jobs')").fetchone() == (
            None,
        ):
            connection.execute(RETENTION)
            connection.execute(POLICY)
        write(connection, Batch(accepted=[build.accepted(build.rating(long_ago))]))
        connection.execute("DELETE FROM rating")
        mark = "INSERT INTO dirty_hour SELECT unit, counter, hour, 'duty' FROM rating_hourly"
        connection.execute(mark)
        subprocess.run([sys.executable, "-c", WORK, database_url], check=True)
        (day,) = verify_days(connection, repair=True)
        assert (day.kept, day.differences) == (False, ())
        assert connection.execute("SELECT sum(score_5) FROM rating_monthly").fetchone() == (1,)
