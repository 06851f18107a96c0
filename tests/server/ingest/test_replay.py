"""The quarantine tried again: what is understood now counts, a wrong date stays wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.codec import encode
from contract.errors import Refusal
from server.db.connection import connect
from server.ingest.batch import Batch, Refused
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.replay import ReplayReport, replay_quarantine
from server.ingest.settings import IngestSettings
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

TOPIC = build.HERE.topic("rating")


@pytest.fixture
def connection(database_url):
    with connect(database_url, autocommit=True) as connection:
        yield connection


def receive(connection, payload: bytes, at: datetime) -> None:
    """Take `payload` in as ingest does, received at `at`."""
    limits = TimeLimits.at(at, past_limit_days=366, future_limit_s=300)
    write(connection, decode_batch([(TOPIC, payload)], limits))
    connection.execute("UPDATE quarantine SET received_at = %s, clock_confirmed = true", (at,))


def test_date_in_the_future_does_not_come_true_by_waiting(connection):
    tomorrow = datetime.now(UTC) - timedelta(minutes=1)
    receive(connection, encode(build.rating(tomorrow)), tomorrow - timedelta(days=1))
    assert replay_quarantine(connection, IngestSettings()) == ReplayReport(stored=0, refused=1)
    assert connection.execute("SELECT count(*) FROM rating").fetchone() == (0,)


def test_wider_limit_lets_it_in(connection):
    ahead = datetime.now(UTC) - timedelta(minutes=1)
    receive(connection, encode(build.rating(ahead)), ahead - timedelta(hours=1))
    wider = IngestSettings(future_limit_s=7_200)
    assert replay_quarantine(connection, wider) == ReplayReport(stored=1, refused=0)
    assert replay_quarantine(connection, wider) == ReplayReport(stored=0, refused=0)


def test_another_reason_replaces_the_first(connection):
    now = datetime.now(UTC)
    receive(connection, encode(build.rating(now)).replace(b'"score":5', b'"score":"5"'), now)
    connection.execute("UPDATE quarantine SET refusal = 'malformed', reason = 'an old release'")
    assert replay_quarantine(connection, IngestSettings()).refused == 1
    row = connection.execute("SELECT refusal, reason FROM quarantine").fetchone()
    assert row is not None
    assert row[0] == "invalid_field"
    assert "score" in row[1]


def test_reason_that_the_database_gives_now_replaces_the_first(connection):
    now = datetime.now(UTC)
    receive(connection, encode(build.rating(now)).replace(b'"score":5', b'"score":"5"'), now)
    connection.execute("UPDATE quarantine SET payload = %(p)s, payload_bytes = length(%(p)s)",
                       {"p": encode(build.rating(now, 5))})  # fmt: skip
    connection.execute("ALTER TABLE rating ADD CONSTRAINT mistake CHECK (score < 4)")
    assert replay_quarantine(connection, IngestSettings()).refused == 1
    row = connection.execute("SELECT refusal, reason FROM quarantine").fetchone()
    assert row is not None
    assert row[0] == "rejected_by_database"
    assert "mistake" in row[1]


def test_refusals_by_time_are_judged_anew_unless_devices_had_confirmed_the_clock(connection):
    now = datetime.now(UTC)
    receive(connection, encode(build.rating(now)), now - timedelta(minutes=30))
    connection.execute("UPDATE quarantine SET clock_confirmed = false")
    assert replay_quarantine(connection, IngestSettings()) == ReplayReport(stored=1, refused=0)


def test_a_heartbeat_that_an_earlier_release_refused_for_its_time_stays_refused(connection):
    topic, at = build.HERE.topic("health"), datetime.now(UTC) + timedelta(days=1)
    refused = Refused(
        topic=topic, payload=encode(build.health(at)), refusal=Refusal.FUTURE, reason="a clock"
    )
    write(connection, Batch(refused=[refused]))
    assert replay_quarantine(connection, IngestSettings()) == ReplayReport(stored=0, refused=1)
