"""What a snapshot reads: the local day, the valid units, and figures that no message can spoil."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.messages import DeviceStatus, ExpressionMix
from server.db.connection import connect, session_conninfo
from server.db.snapshots import Facts, read_facts
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

NOON = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)  # 12:00 in Viet Nam
MIDNIGHT = datetime(2026, 10, 4, 17, 0, tzinfo=UTC)  # 00:00 in Viet Nam
UNIT = build.HERE.unit


@pytest.fixture
def connection(database_url):
    with connect(database_url, autocommit=True) as connection:
        yield connection


def store(connection: psycopg.Connection, *messages) -> None:
    batch = Batch(accepted=[build.accepted(message) for message in messages])
    assert write(connection, batch).refused == []


def facts(database_url: str, now: datetime = NOON) -> Facts:
    async def read() -> Facts:
        where = session_conninfo(database_url)
        async with await psycopg.AsyncConnection.connect(where, autocommit=True) as connection:
            return await read_facts(connection, now)

    return asyncio.run(read())


@pytest.mark.parametrize("tiny", [1e-170, 1e-300, 5e-324])
def test_share_too_small_to_square_does_not_take_all_figures_away(connection, database_url, tiny):
    mix = ExpressionMix(faces=1, readings=1, negative=0.5, neutral=0.5, positive=tiny)
    store(connection, build.visit(NOON, expression=mix))
    visits = facts(database_url).inputs[UNIT].visits
    assert (visits.expression_visits, visits.positive, visits.positive_squared) == (1, 0.0, 0.0)


def test_sums_of_shares_keep_what_a_float_holds(connection, database_url):
    shares = [0.123456789012345, 0.25, 0.7]
    store(connection, *(build.visit(NOON, expression=build.mix(p)) for p in shares))
    visits = facts(database_url).inputs[UNIT].visits
    assert visits.positive == pytest.approx(sum(shares), abs=1e-14)
    assert visits.positive_squared == pytest.approx(sum(p * p for p in shares), abs=1e-14)


def test_day_begins_at_local_midnight(connection, database_url):
    moments = [MIDNIGHT + timedelta(microseconds=offset) for offset in (-1, 0)]
    store(connection, *(build.rating(at, 4) for at in moments))
    store(connection, *(build.visit(at) for at in moments))
    for now, day in ((moments[0], 1), (NOON, 1)):
        inputs = facts(database_url, now).inputs[UNIT]
        assert sum(inputs.ratings.by_score) == day
        assert (inputs.visits.visits, len(inputs.service.seconds)) == (day, day)
    assert facts(database_url, NOON).inputs[UNIT].ratings.newest == MIDNIGHT
    assert facts(database_url, moments[0]).inputs[UNIT].ratings.newest == moments[0]


def test_service_times_are_those_of_complete_visits_in_order(connection, database_url):
    for service_s in (300.0, 20.0, 90.0):
        store(connection, build.visit(NOON, service_s))
    store(connection, build.visit(NOON, 5_000.0, complete=False))
    inputs = facts(database_url).inputs[UNIT]
    assert inputs.service.seconds == (20.0, 90.0, 300.0)
    assert inputs.visits.visits == 4


def test_camera_that_counts_nobody_has_watched_and_one_that_is_away_has_not(
    connection, database_url
):
    store(connection, build.observation(NOON, None))
    assert facts(database_url).inputs[UNIT].watched_at is None
    seen = NOON - timedelta(minutes=20)
    store(connection, build.observation(seen, 0))
    assert facts(database_url).inputs[UNIT].watched_at == seen
    tomorrow = NOON + timedelta(days=1)
    assert facts(database_url, tomorrow).inputs[UNIT].watched_at is None


def test_unit_is_listed_from_its_first_day_to_the_day_before_its_end(connection, database_url):
    connection.execute(
        "INSERT INTO unit (id, name_vi, name_en, valid_from, valid_to)"
        " VALUES ('a', 'A', 'A', %s, %s)",
        (date(2026, 10, 5), date(2026, 10, 6)),
    )
    days = {
        MIDNIGHT - timedelta(seconds=1): [],
        MIDNIGHT: ["a"],
        MIDNIGHT + timedelta(hours=24, seconds=-1): ["a"],
        MIDNIGHT + timedelta(hours=24): [],
    }
    for now, listed in days.items():
        assert [unit.id for unit in facts(database_url, now).units] == listed


def test_device_is_offline_once_its_newest_session_has_ended(connection, database_url):
    begun = build.session_at(NOON - timedelta(minutes=1))
    store(connection, build.health(NOON, session=begun))
    assert facts(database_url).devices[0].online
    store(connection, build.health(NOON, session=begun, status=DeviceStatus.OFFLINE))
    assert not facts(database_url).devices[0].online
    later = build.session_at(NOON)
    store(connection, build.health(NOON, session=later))
    assert facts(database_url).devices[0].online
