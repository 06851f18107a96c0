"""Late, repeated and shuffled batches leave the same totals as an orderly day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.identifiers import derived_id
from contract.messages import (
    Presence,
    Prompt,
    PromptEvent,
    Rating,
    SessionEvent,
    TicketEvent,
    Upstream,
    Visit,
    Wait,
    WaitOutcome,
)
from contract.topics import Address
from server.db.connection import connect
from server.facts.recount import recount_dirty
from server.facts.verification import verify_days, verify_levels
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.links.store import relink_due
from server.links.verification import verify_links
from server.periods import today
from tests.server import build

pytestmark = pytest.mark.integration

DAY = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)
PLACES = tuple(
    Address(unit=f"unit-{index % 2}", counter=f"quay-{index}", device="edge") for index in range(3)
)

PRESENCE = """
    SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), max(observed_at), max(counted)
    FROM (
        SELECT unit, counter, observed_at, NULL::timestamptz AS counted FROM rating
        UNION ALL SELECT unit, counter, observed_at, NULL FROM visit
        UNION ALL SELECT unit, counter, observed_at, NULL FROM wait
        UNION ALL SELECT unit, counter, observed_at, NULL FROM prompt
        UNION ALL SELECT unit, counter, observed_at, NULL FROM ticket
        UNION ALL SELECT unit, counter, observed_at, NULL FROM officer_session
        UNION ALL SELECT unit, counter, observed_at, observed_at FROM observation
        WHERE coalesce(people_present, queue_length) IS NOT NULL
        UNION ALL SELECT unit, counter, observed_at, NULL FROM observation
    ) AS heard
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
TOTALS = (
    "rating_hourly", "visit_hourly", "service_time_hourly", "wait_hourly", "prompt_hourly",
    "expression_daily", "presence_hourly", "duty",
    "rating_daily", "visit_daily", "service_time_daily", "wait_daily", "prompt_daily",
    "link", "link_daily", "unattributed_daily", "unattributed_monthly",
    "rating_monthly", "visit_monthly", "service_time_monthly", "wait_monthly", "prompt_monthly",
)  # fmt: skip

times = st.integers(0, 3 * 3600).map(lambda seconds: DAY + timedelta(seconds=seconds))
places = st.sampled_from(PLACES)
mixes = st.none() | st.floats(0, 0.75).map(build.mix)
seconds = st.integers(1, 4 * 3600)


def sent_from(make: Callable[..., Upstream], *values: st.SearchStrategy) -> st.SearchStrategy:
    """Return lists of the one message that `make` makes of a time, `values` and a place."""
    return st.tuples(times, *values, places).map(
        lambda case: [(make(*case[:-1], address=case[-1]), case[-1])]
    )


def shift(case: tuple[datetime, int, str, Address]) -> list[tuple[Upstream, Address]]:
    """Return an officer's sign-on and sign-off."""
    start, length_s, officer, place = case
    on = build.officer_session(start, officer=officer, address=place)
    off = build.officer_session(
        start + timedelta(seconds=length_s),
        officer=officer,
        event=SessionEvent.OFF,
        session=on.session,
        address=place,
    )
    return [(on, place), (off, place)]


def doubtful(
    at: datetime, score: int, visit: UUID | None, presence: Presence | None, place: Address
) -> list[tuple[Upstream, Address]]:
    one = build.rating(at, score, address=place, visit=visit, presence=presence)
    return [(one, place)]


def taken_back(at: datetime, visit: UUID | None, place: Address) -> list[tuple[Upstream, Address]]:
    """Return a rating, its withdrawal, and the one that was given instead."""
    one = build.rating(at, 1, address=place, visit=visit)
    instead = build.rating(at + timedelta(seconds=5), 5, address=place, visit=visit)
    back = build.rating(at + timedelta(seconds=3), 1, address=place, amends=one.id, withdrawn=True)
    return [(one, place), (back, place), (instead, place)]


def burst(at: datetime, every_s: int, number: int, place: Address) -> list:
    """Return ratings that come too fast or too regularly, or nearly so."""
    times = (at + timedelta(seconds=every_s * index) for index in range(number))
    return [(build.rating(time, 5, address=place), place) for time in times]


visits_of = st.none() | st.integers(0, 3).map(lambda number: derived_id(DAY, "visit", number))

messages = st.one_of(
    sent_from(build.rating, st.integers(1, 5)),
    st.builds(
        doubtful, times, st.integers(1, 5), visits_of, st.none() | st.sampled_from(Presence), places
    ),
    st.builds(taken_back, times, visits_of, places),
    st.builds(burst, times, st.integers(0, 50), st.integers(4, 8), places),
    sent_from(
        lambda at, service_s, expression, complete, address: build.visit(
            at, service_s, expression=expression, complete=complete, address=address
        ),
        st.floats(0, 3600), mixes, st.booleans(),
    ),
    sent_from(
        lambda at, length, expression, address: build.observation(
            at, length, expression=expression, address=address
        ),
        st.none() | st.integers(0, 40), mixes,
    ),
    sent_from(
        lambda at, wait_s, outcome, address: build.wait(
            at, wait_s, outcome=outcome, address=address
        ),
        st.floats(0, 3600), st.sampled_from(WaitOutcome),
    ),
    sent_from(
        lambda at, event, address: build.prompt(at, event=event, address=address),
        st.sampled_from(PromptEvent),
    ),
    sent_from(
        lambda at, event, service, address: build.ticket(
            at, event=event, service=service, address=address
        ),
        st.sampled_from(TicketEvent), st.sampled_from(["A", "B", "unknown"]),
    ),
    st.tuples(times, seconds, st.sampled_from(["CB01", "CB02", "CB03"]), places).map(shift),
)  # fmt: skip


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list, list[list]]:
    """Return messages, and batches that deliver each at least once in any order."""
    sent = list(chain.from_iterable(draw(st.lists(messages, min_size=1, max_size=40))))
    repeated = draw(st.lists(st.sampled_from(sent), max_size=20))
    arriving = draw(st.permutations(sent + repeated))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=5)))
    bounds = [0, *cuts, len(arriving)]
    return sent, [arriving[a:b] for a, b in pairwise(bounds)]


def store(connection: psycopg.Connection, entries: list[tuple[Upstream, Address]]) -> None:
    write(connection, Batch(accepted=[build.accepted(*entry) for entry in entries]))


def state(connection: psycopg.Connection) -> dict[str, list[tuple]]:
    queries = {
        **{table: f"SELECT total::text FROM {table} AS total ORDER BY 1" for table in TOTALS},
        "counter": "SELECT counter::text FROM counter ORDER BY 1",
        "standing": "SELECT id, standing, suspect FROM rating ORDER BY 1",
        "device": "SELECT unit, counter, id, last_seen FROM device ORDER BY 1, 2, 3",
    }
    return {name: connection.execute(sql).fetchall() for name, sql in queries.items()}


def clear(connection: psycopg.Connection) -> None:
    # Appraisals and alerts, which are only added to, hang on units.
    connection.execute("ALTER TABLE appraisal_step DISABLE TRIGGER appraisal_step_stays")
    connection.execute("ALTER TABLE alert_step DISABLE TRIGGER alert_step_stays")
    connection.execute(
        "TRUNCATE unit, counter, device, rating, visit, observation, wait, prompt, ticket,"
        " officer_session, dirty_hour, link_due, presence_daily, presence_monthly,"
        f" {', '.join(TOTALS)} CASCADE"
    )
    connection.execute(
        "INSERT INTO ticket_service VALUES ('A', 'land'), ('B', 'civil') ON CONFLICT DO NOTHING"
    )


def recount(connection: psycopg.Connection) -> None:
    while recount_dirty(connection):
        pass
    while relink_due(connection):
        pass


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
        recount(connection)
        orderly = state(connection)
        clear(connection)
        for batch in batches:
            store(connection, batch)
        recount(connection)
        assert state(connection) == orderly


def days_of(sent: list[tuple[Upstream, Address]]) -> set[date]:
    """Return the local days on which something is counted."""
    counted = (
        message for message, _ in sent if isinstance(message, Rating | Visit | Wait | Prompt)
    )
    return {today(message.observed_at) for message in counted}


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
        recount(connection)
        assert [day.differences for day in verify_days(connection, repair=False)] == [()] * len(
            days_of(case[0])
        )
        assert verify_levels(connection, repair=False) == ()
        assert {day.differences for day in verify_links(connection, repair=False)} <= {()}
        presence = connection.execute("SELECT * FROM presence_hourly ORDER BY 1, 2, 3").fetchall()
        assert presence == connection.execute(PRESENCE).fetchall()


def test_hours_are_cut_the_same_whatever_the_sessions_time_zone(database_url):
    at = DAY + timedelta(minutes=30)
    with connect(database_url, autocommit=True) as connection:
        connection.execute("SET timezone = 'Asia/Kathmandu'")
        store(connection, [(build.rating(at, address=PLACES[0]), PLACES[0])])
        assert connection.execute("SELECT hour FROM rating_hourly").fetchall() == [(DAY,)]
