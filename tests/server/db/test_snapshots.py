"""What a snapshot reads: the local day, the valid units, and figures that no message can spoil."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.messages import DeviceStatus, ExpressionMix
from server.db.connection import connect, session_conninfo
from server.db.snapshots import Facts, read_facts
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.kpi.inputs import ANONYMITY_FLOOR, combine
from tests.coroutines import run
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

    return run(read())


@pytest.mark.parametrize("tiny", [1e-170, 1e-300, 5e-324])
def test_share_too_small_to_square_does_not_take_all_figures_away(connection, database_url, tiny):
    mix = ExpressionMix(faces=1, readings=1, negative=0.5, neutral=0.5, positive=tiny)
    store(connection, *(build.visit(NOON, expression=mix) for _ in range(ANONYMITY_FLOOR)))
    told = facts(database_url).inputs[UNIT].expressions
    assert (told.visits, told.positive, told.positive_squared) == (ANONYMITY_FLOOR, 0.0, 0.0)


def test_sums_of_shares_are_those_of_the_visits(connection, database_url):
    shares = [0.123456, 0.25, 0.7, 0.0, 0.75, 0.5, 0.333333, 0.1, 0.2, 0.3]
    store(connection, *(build.visit(NOON, expression=build.mix(p)) for p in shares))
    told = facts(database_url).inputs[UNIT].expressions
    assert told.positive == pytest.approx(sum(shares), abs=1e-12)
    assert told.positive_squared == pytest.approx(sum(p * p for p in shares), abs=1e-12)
    assert told.negative == pytest.approx(2.5)
    assert told.negative + told.neutral + told.positive == pytest.approx(10)


def test_expressions_are_told_in_whole_groups_of_a_units_first_visits(connection, database_url):
    assert UNIT not in facts(database_url).inputs
    told = []
    for place in range(2 * ANONYMITY_FLOOR + 1):
        at = NOON + timedelta(seconds=place)
        store(connection, build.visit(at, expression=build.mix(place / 100)))
        found = facts(database_url).inputs[UNIT].expressions
        assert found.seen == place + 1
        told.append((found.visits, round(found.positive, 6), found.newest))
    none, ten = (0, 0, None), (10, 0.45, NOON + timedelta(seconds=9))
    twenty = (20, 1.9, NOON + timedelta(seconds=19))
    assert told == [none] * 9 + [ten] * 10 + [twenty] * 2


def test_group_of_one_unit_is_never_filled_up_by_another(connection, database_url):
    elsewhere = replace(build.HERE, unit="que-vo")
    visits = [build.visit(NOON, expression=build.mix()) for _ in range(13)]
    visits += [build.visit(NOON) for _ in range(9)]  # without a mix
    others = [build.visit(NOON, address=elsewhere, expression=build.mix()) for _ in range(9)]
    batch = [build.accepted(visit) for visit in visits]
    batch += [build.accepted(visit, elsewhere) for visit in others]
    assert write(connection, Batch(accepted=batch)).refused == []
    inputs = facts(database_url).inputs
    assert (inputs[UNIT].expressions.visits, inputs["que-vo"].expressions.visits) == (10, 0)
    assert combine(inputs.values()).expressions.visits == 10


def test_late_visits_tell_the_same_as_punctual_ones(connection, database_url):
    visits = [
        build.visit(NOON + timedelta(seconds=place), expression=build.mix(place / 100))
        for place in range(23)
    ]
    store(connection, *visits[::-2])
    store(connection, *visits)
    found = facts(database_url).inputs[UNIT].expressions
    assert (found.seen, found.visits, round(found.positive, 6)) == (23, 20, 1.9)


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
