"""A storm of late rosters and tickets while whoever recounts is killed again and again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import SessionEvent, TicketEvent
from contract.topics import Address
from server.db.connection import session
from server.facts.jobs import recount_all
from server.facts.verification import verify_days, verify_levels
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.server import build

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

MORNING = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
PLACES = tuple(Address(unit="tu-son", counter=f"quay-{n}", device="edge") for n in range(6))
RECOUNT = "import sys; from server.facts.jobs import recount_all; recount_all(sys.argv[1])"


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


def test_totals_are_those_of_the_rows_whoever_recounts_is_killed(database_url):
    chance = random.Random(7)
    messages = storm(chance)
    with session(database_url) as connection:
        connection.execute("INSERT INTO ticket_service VALUES ('A', 'land')")
        for start in range(0, len(messages), 50):
            worker = subprocess.Popen([sys.executable, "-c", RECOUNT, database_url])
            part = messages[start : start + 50]
            write(connection, Batch(accepted=[build.accepted(*each) for each in part]))
            time.sleep(chance.uniform(0, 0.5))
            worker.kill()
            worker.wait()
        recount_all(database_url)
        days = list(verify_days(connection, repair=False))
        assert sum(day.hours for day in days) > 40
        assert [day.differences for day in days] == [()] * len(days)
        assert verify_levels(connection, repair=False) == ()


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
        connection.execute("UPDATE link_daily SET unlinked = 9")
        found = verify_levels(connection, repair=True)
        assert {difference.total for difference in found} == {"link"}
        assert {difference.level for difference in found} == {"day"}
        assert verify_levels(connection, repair=False) == ()
        assert connection.execute("SELECT ratings, unlinked FROM link_daily").fetchone() == (1, 1)
