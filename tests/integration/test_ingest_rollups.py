"""Late, repeated and shuffled batches leave the same totals as an orderly day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.messages import Upstream
from contract.topics import Address
from server.db.connection import connect
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

DAY = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)
PLACES = tuple(
    Address(unit=f"unit-{index % 2}", counter=f"quay-{index}", device="edge") for index in range(3)
)

RECOUNTS = {
    "rating_hourly": """
        SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'),
            count(*) FILTER (WHERE score = 1), count(*) FILTER (WHERE score = 2),
            count(*) FILTER (WHERE score = 3), count(*) FILTER (WHERE score = 4),
            count(*) FILTER (WHERE score = 5), max(observed_at)
        FROM rating WHERE amends IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "visit_hourly": """
        SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), count(*), max(observed_at)
        FROM visit GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "service_time_hourly": """
        SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), log_bin(service_s),
            count(*), max(observed_at)
        FROM visit WHERE complete GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
    "presence_hourly": """
        SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), max(observed_at), max(counted)
        FROM (
            SELECT unit, counter, observed_at, NULL::timestamptz AS counted FROM rating
            UNION ALL SELECT unit, counter, observed_at, NULL FROM visit
            UNION ALL SELECT unit, counter, observed_at, observed_at FROM observation
            WHERE coalesce(people_present, queue_length) IS NOT NULL
            UNION ALL SELECT unit, counter, observed_at, NULL FROM observation
        ) AS heard
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "expression_daily": """
        SELECT unit, day, max(visits), count(*) FILTER (WHERE told),
            coalesce(sum(negative) FILTER (WHERE told), 0),
            coalesce(sum(neutral) FILTER (WHERE told), 0),
            coalesce(sum(positive) FILTER (WHERE told), 0),
            coalesce(sum(positive * positive) FILTER (WHERE told), 0),
            max(observed_at) FILTER (WHERE told)
        FROM (
            SELECT unit, day, observed_at, visits, place <= visits / 10 * 10 AS told,
                round(negative::numeric, 6) AS negative, round(neutral::numeric, 6) AS neutral,
                round(positive::numeric, 6) AS positive
            FROM (
                SELECT *, count(*) OVER (PARTITION BY unit, day) AS visits,
                    row_number() OVER (PARTITION BY unit, day ORDER BY observed_at, id) AS place
                FROM (SELECT *, (observed_at + INTERVAL '7 hours')::date AS day FROM visit) AS days
                WHERE readings IS NOT NULL
            ) AS placed
        ) AS shares
        GROUP BY 1, 2 ORDER BY 1, 2""",
}

times = st.integers(0, 3 * 3600).map(lambda seconds: DAY + timedelta(seconds=seconds))
places = st.sampled_from(PLACES)
mixes = st.none() | st.floats(0, 0.75).map(build.mix)
messages = st.one_of(
    st.tuples(times, st.integers(1, 5), places).map(
        lambda case: (build.rating(case[0], case[1], address=case[2]), case[2])
    ),
    st.tuples(times, st.floats(0, 3600), places, mixes, st.booleans()).map(
        lambda case: (
            build.visit(case[0], case[1], address=case[2], expression=case[3], complete=case[4]),
            case[2],
        )
    ),
    st.tuples(times, st.none() | st.integers(0, 40), places, mixes).map(
        lambda case: (
            build.observation(case[0], case[1], address=case[2], expression=case[3]),
            case[2],
        )
    ),
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list, list[list]]:
    """Return messages, and batches that deliver each at least once in any order."""
    sent = draw(st.lists(messages, min_size=1, max_size=40))
    repeated = draw(st.lists(st.sampled_from(sent), max_size=20))
    arriving = draw(st.permutations(sent + repeated))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=5)))
    bounds = [0, *cuts, len(arriving)]
    return sent, [arriving[a:b] for a, b in pairwise(bounds)]


def store(connection: psycopg.Connection, entries: list[tuple[Upstream, Address]]) -> None:
    write(connection, Batch(accepted=[build.accepted(*entry) for entry in entries]))


def state(connection: psycopg.Connection) -> dict[str, list[tuple]]:
    queries = {
        **{table: f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4" for table in RECOUNTS},
        "counter": "SELECT * FROM counter ORDER BY 1, 2",
        "device": "SELECT unit, counter, id, last_seen FROM device ORDER BY 1, 2, 3",
    }
    return {name: connection.execute(sql).fetchall() for name, sql in queries.items()}


def clear(connection: psycopg.Connection) -> None:
    connection.execute(
        f"TRUNCATE unit, counter, device, rating, visit, observation, {', '.join(RECOUNTS)}"
    )


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=deliveries())
def test_any_delivery_gives_the_totals_of_an_orderly_one(database_url, case):
    sent, batches = case
    with connect(database_url, autocommit=True) as connection:
        clear(connection)
        store(connection, sorted(sent, key=lambda entry: entry[0].observed_at))
        orderly = state(connection)
        clear(connection)
        for batch in batches:
            store(connection, batch)
        assert state(connection) == orderly


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=deliveries())
def test_totals_equal_a_recount_of_the_rows(database_url, case):
    with connect(database_url, autocommit=True) as connection:
        clear(connection)
        for batch in case[1]:
            store(connection, batch)
        for table, recount in RECOUNTS.items():
            totals = connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall()
            assert totals == connection.execute(recount).fetchall(), table


def test_hours_are_cut_the_same_whatever_the_sessions_time_zone(database_url):
    at = DAY + timedelta(minutes=30)
    with connect(database_url, autocommit=True) as connection:
        connection.execute("SET timezone = 'Asia/Kathmandu'")
        store(connection, [(build.rating(at, address=PLACES[0]), PLACES[0])])
        assert connection.execute("SELECT hour FROM rating_hourly").fetchall() == [(DAY,)]
