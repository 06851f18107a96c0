"""Standings in the database: hours of calendars, withdrawals, late neighbours, both totals."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from contract.identifiers import new_id
from contract.messages import Presence, Rating, RatingReason, Suspicion
from runtime.suspicion import Tap, suspicions
from server.db.connection import connect
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

MONDAY_TEN = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
EVENING = datetime(2026, 10, 5, 13, 0, tzinfo=UTC)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with connect(database_url, autocommit=True) as connection:
        yield connection


def store(connection: psycopg.Connection, *ratings: Rating) -> None:
    write(connection, Batch(accepted=[build.accepted(one, build.HERE) for one in ratings]))


def standing(connection: psycopg.Connection, rating: Rating) -> tuple[str, str]:
    row = connection.execute(
        "SELECT standing, suspect FROM rating WHERE id = %s", [rating.id]
    ).fetchone()
    assert row is not None
    return row


def totals(connection: psycopg.Connection, table: str = "rating_monthly") -> tuple[int, ...]:
    row = connection.execute(
        f"SELECT sum(score_1), sum(score_5), sum(suspect_1), sum(suspect_5) FROM {table}"
    ).fetchone()
    assert row is not None
    return tuple(map(int, row))


def test_hours_count_where_a_calendar_says_some(connection):
    store(connection, early := build.rating(EVENING))
    assert standing(connection, early) == ("official", "")
    connection.execute("INSERT INTO calendar (id) VALUES ('ward') ON CONFLICT DO NOTHING")
    connection.execute(
        "INSERT INTO calendar_rule (calendar, weekday, hours) VALUES ('ward', 0, '07:30-17:00')"
    )
    connection.execute("UPDATE unit SET calendar = 'ward'")
    open_, late, served_last = (
        build.rating(at) for at in (MONDAY_TEN, EVENING, EVENING - timedelta(hours=2, minutes=10))
    )
    store(connection, open_, late, served_last)
    assert standing(connection, open_) == ("official", "")
    assert standing(connection, late) == ("suspect", "out_of_hours")
    assert standing(connection, served_last) == ("official", "")
    connection.execute("UPDATE unit SET simulated = true")
    store(connection, simulated := build.rating(EVENING + timedelta(hours=1)))
    assert standing(connection, simulated) == ("official", "")


def test_simulated_devices_may_run_faster_than_time(connection):
    health = build.health(MONDAY_TEN, simulated=True)
    write(connection, Batch(accepted=[build.accepted(health, build.HERE)]))
    burst = [build.rating(MONDAY_TEN + timedelta(seconds=i)) for i in range(8)]
    store(connection, *burst)
    assert totals(connection) == (0, 8, 0, 0)


def test_device_s_marks_stay_and_facts_are_judged_again(connection):
    marked = build.rating(MONDAY_TEN, suspect=(Suspicion.CADENCE,))
    unseen = build.rating(MONDAY_TEN + timedelta(minutes=5), presence=Presence.NOBODY, held_s=31.0)
    store(connection, marked, unseen)
    assert standing(connection, marked) == ("suspect", "cadence")
    assert standing(connection, unseen) == ("suspect", "held_screen,nobody")
    assert totals(connection) == (0, 0, 0, 2)


@pytest.mark.parametrize("late", [False, True])
def test_a_rating_that_was_taken_back_counts_nowhere(connection, late):
    visit = new_id(MONDAY_TEN)
    wrong = build.rating(MONDAY_TEN, 1, visit=visit, reasons=(RatingReason.WAITING,))
    back = build.rating(MONDAY_TEN + timedelta(seconds=5), 1, amends=wrong.id, withdrawn=True)
    right = build.rating(MONDAY_TEN + timedelta(seconds=8), visit=visit)
    for one in (right, back, wrong) if late else (wrong, back, right):
        store(connection, one)
        store(connection, one)
    assert standing(connection, wrong) == ("withdrawn", "")
    assert standing(connection, right) == ("official", "")
    assert totals(connection) == totals(connection, "rating_daily") == (0, 1, 0, 0)


def test_a_withdrawal_that_comes_after_a_minute_takes_nothing_back(connection):
    rating = build.rating(MONDAY_TEN)
    store(
        connection,
        rating,
        build.rating(MONDAY_TEN + timedelta(seconds=61), amends=rating.id, withdrawn=True),
    )
    assert totals(connection) == (0, 1, 0, 0)


def test_the_first_rating_of_a_visit_stands_whichever_comes_first(connection):
    visit = new_id(MONDAY_TEN)
    second = build.rating(MONDAY_TEN + timedelta(hours=3), 1, visit=visit)
    first = build.rating(MONDAY_TEN, 5, visit=visit)
    store(connection, second)
    assert totals(connection) == (1, 0, 0, 0)
    store(connection, first)
    assert standing(connection, second) == ("suspect", "several")
    assert totals(connection) == (0, 1, 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_storm_the_neighbours_in_any_batch_decide_as_all_together_do(connection, seed):
    chance = random.Random(seed)
    ratings, back, at, gap_s = [], [], MONDAY_TEN, 0
    for _ in range(150):
        if chance.random() < 0.2:
            gap_s = chance.choice((0, 1, 9, 10, 12, 20, 44, 46, 240))
        at += timedelta(seconds=gap_s)
        ratings.append(one := build.rating(at))
        if chance.random() < 0.05:
            later = at + timedelta(seconds=chance.randrange(60))
            back.append(build.rating(later, amends=one.id, withdrawn=True))
    arriving = [*ratings, *back]
    chance.shuffle(arriving)
    while arriving:
        count = chance.choice((1, 2, 40))
        store(connection, *arriving[:count])
        del arriving[:count]
    taken_back = {one.amends for one in back}
    taps = [Tap(id=one.id, at=one.observed_at) for one in ratings if one.id not in taken_back]
    found = {identity: ",".join(sorted(why)) for identity, why in suspicions(taps, None).items()}
    stored = connection.execute(
        "SELECT id, suspect FROM rating WHERE amends IS NULL AND standing <> 'withdrawn'"
    ).fetchall()
    assert dict(stored) == found
    assert {"", "burst", "cadence", "burst,cadence"} <= set(found.values())
