"""Readings by officer and by family: who served and what for, also when that is told later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from contract.messages import SessionEvent, TicketEvent
from contract.readings import Reading
from server.access.principals import EVERYWHERE
from server.db.connection import session_conninfo
from server.facts.jobs import recount_all
from server.kpi.catalogue import BY_ID
from server.periods import day_of
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import Scope
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in Viet Nam


UNIT = Scope.of_unit(build.HERE.unit)


@pytest.fixture(autouse=True)
def simulated(database_url: str) -> None:
    """The device is simulated, for of real ones ratings in bursts are doubtful."""
    store(database_url, build.health(NINE, simulated=True))


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def read(url: str, *, scope: Scope = UNIT, **fields: object) -> list[Reading]:
    asked = Question(kpis=(BY_ID["ratings"],), scope=scope, period=day_of(NINE), **fields)
    return ask(url, lambda connection: read_readings(connection, asked, minutes(60), EVERYWHERE))


def counts(url: str, **fields: object) -> dict[str, int]:
    return {reading.scope: reading.n for reading in read(url, **fields)}


def shift(officer: str, start: float, end: float) -> list[object]:
    on = build.officer_session(minutes(start), officer=officer)
    off = build.officer_session(
        minutes(end), officer=officer, event=SessionEvent.OFF, session=on.session
    )
    return [on, off]


def ten(at: float) -> list[object]:
    """Return as many ratings in a second as are told of less than a unit."""
    return [build.rating(minutes(at) + timedelta(milliseconds=each)) for each in range(10)]


def test_shift_change_within_an_hour_parts_the_hour(database_url):
    ratings = [rating for at in (10, 20, 31, 45, 50) for rating in ten(at)]
    store(database_url, *shift("CB01", 0, 30), *shift("CB02", 30, 60), *ratings)
    assert counts(database_url, by=Breakdown.OFFICER) == {
        "unit:tu-son;officer:CB01": 20,
        "unit:tu-son;officer:CB02": 30,
    }
    narrowed = Scope.parse("unit:tu-son;officer:CB02")
    assert counts(database_url, scope=narrowed) == {"unit:tu-son;officer:CB02": 30}


def test_sign_on_told_late_is_said_until_its_hours_are_counted_anew(database_url):
    store(database_url, *ten(10), *ten(20))
    store(database_url, *shift("CB01", 15, 60))
    officer = Scope.parse("unit:tu-son;officer:CB01")
    (before,) = read(database_url, scope=officer)
    assert (before.n, before.recounting) == (0, True)
    (whole,) = read(database_url)
    assert (whole.n, whole.recounting) == (20, None)
    assert recount_all(database_url) == 1
    (after,) = read(database_url, scope=officer)
    assert (after.n, after.recounting) == (10, None)


def test_rating_belongs_to_the_family_of_the_ticket_that_was_called(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("INSERT INTO ticket_service VALUES ('L', 'land'), ('C', 'civil')")
    called = TicketEvent.CALLED
    store(
        database_url,
        build.ticket(minutes(0), "L1", event=called, service="L"),
        *ten(5),
        build.ticket(minutes(6), "C1", event=called, service="C"),
        *ten(9),
        build.ticket(minutes(10), "C1", event=TicketEvent.SKIPPED, service="C"),
        build.rating(minutes(12)),
    )
    assert counts(database_url, by=Breakdown.FAMILY) == {
        "unit:tu-son;family:civil": 10,
        "unit:tu-son;family:land": 10,
    }
    assert counts(database_url) == {"unit:tu-son": 21}


def test_reading_as_of_an_earlier_time_leaves_out_what_came_later(database_url):
    store(database_url, build.rating(minutes(10)))
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        (between,) = connection.execute("SELECT clock_timestamp()").fetchone()
    store(database_url, build.rating(minutes(20)))
    assert counts(database_url) == {"unit:tu-son": 2}
    assert counts(database_url, known_at=between) == {"unit:tu-son": 1}
    assert counts(database_url, known_at=between - timedelta(hours=1)) == {"unit:tu-son": 0}
