"""What a batch leaves in PostgreSQL: every message once, and the newest on top."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import psycopg
import pytest

from contract.errors import Refusal
from contract.messages import DeviceStatus, RatingReason
from contract.topics import Address
from server.db.connection import connect
from server.ingest.batch import Batch, Refused
from server.ingest.writer import write
from tests.server import build

pytestmark = pytest.mark.integration

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
def connection(database_url):
    with connect(database_url, autocommit=True) as connection:
        yield connection


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def store(connection: psycopg.Connection, *messages) -> Batch:
    return write(connection, Batch(accepted=[build.accepted(message) for message in messages]))


def one(connection: psycopg.Connection, sql: str) -> tuple:
    (row,) = connection.execute(sql).fetchall()
    return row


def one_of_each():
    rating = build.rating(NOW, 2, reasons=(RatingReason.WAITING,))
    return [
        build.observation(NOW, expression=build.mix()),
        build.observation(ago(5), None),
        build.visit(NOW, expression=build.mix(), wait_s=12.5),
        build.visit(NOW, complete=False),
        build.wait(NOW),
        rating,
        build.amendment(NOW, rating, RatingReason.ATTITUDE),
        build.prompt(NOW),
        build.officer_session(NOW),
        build.ticket(NOW, 'A"0\\{}1'),
        build.health(NOW, software='0.1 "x", {y}', problems=('camera "0" is black', "a\\b")),
    ]


def test_every_stream_is_stored_with_its_values(connection):
    store(connection, *one_of_each())
    assert one(connection, "SELECT number FROM ticket") == ('A"0\\{}1',)
    assert one(connection, "SELECT software, problems FROM health") == (
        '0.1 "x", {y}',
        [{"code": "other", "text": text} for text in ('camera "0" is black', "a\\b")],
    )
    visit = one(connection, "SELECT service_s, wait_s, positive, faces FROM visit WHERE complete")
    assert visit == (300.0, 12.5, 0.25, 1)
    assert one(
        connection, "SELECT frames, fps, queue_length FROM observation WHERE positive IS NULL"
    ) == (50, 10.0, None)
    assert one(connection, "SELECT wait_s, outcome FROM wait") == (60.0, "served")
    assert one(connection, "SELECT event, opened_by FROM prompt") == ("shown", "visit_end")
    assert one(connection, "SELECT officer, method, automatic FROM officer_session") == (
        'CB "0",{}', "pin", False,
    )  # fmt: skip


TABLES = (
    "observation", "visit", "wait", "rating", "rating_reason", "prompt", "officer_session",
    "ticket", "health", "rating_hourly", "visit_hourly", "service_time_hourly", "expression_daily",
    "presence_hourly", "device", "counter", "unit",
)  # fmt: skip


def everything(connection: psycopg.Connection) -> dict[str, list]:
    """All rows but for the times of receipt."""
    rows = {
        table: [
            {key: value for key, value in row.items() if key != "received_at"}
            for (row,) in connection.execute(f"SELECT to_jsonb(t) FROM {table} t")
        ]
        for table in TABLES
    }
    return {table: sorted(entries, key=repr) for table, entries in rows.items()}


def test_writing_a_batch_again_changes_nothing(connection):
    messages = one_of_each()
    store(connection, *messages)
    before = everything(connection)
    store(connection, *messages)
    store(connection, *messages, *messages)
    assert everything(connection) == before


def test_amendment_adds_its_reasons_and_is_not_counted(connection):
    rating = build.rating(NOW, 1)
    store(connection, build.amendment(ago(-5), rating, RatingReason.ATTITUDE, RatingReason.WAITING))
    store(connection, rating)
    assert one(connection, "SELECT score_1, score_5 FROM rating_hourly") == (1, 0)
    reasons = connection.execute("SELECT rating, reason FROM rating_reason ORDER BY 2").fetchall()
    assert reasons == [(rating.id, "attitude"), (rating.id, "waiting")]


def test_units_counters_and_devices_register_themselves(connection):
    store(connection, build.rating(NOW))
    assert one(connection, "SELECT id, name_vi, name_en, registered_by FROM unit") == (
        "tu-son", "tu-son", "tu-son", "message",
    )  # fmt: skip
    assert one(connection, "SELECT unit, counter, id, last_seen FROM device") == (
        "tu-son", "quay-1", "edge-1", NOW,
    )  # fmt: skip


def test_last_seen_is_the_newest_observed_not_the_last_received(connection):
    store(connection, build.rating(NOW))
    store(connection, build.rating(ago(3600)))
    assert one(connection, "SELECT last_seen FROM device") == (NOW,)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_counter_shows_its_newest_observation_in_any_order(connection, order):
    messages = [build.observation(ago(10 - 5 * i), queue) for i, queue in enumerate((7, 1, 4))]
    for index in order:
        store(connection, messages[index])
    assert one(connection, "SELECT observed_at, queue_length FROM counter") == (NOW, 4)


def test_observations_of_the_same_time_leave_the_same_one_in_any_order(connection, database_url):
    pair = [build.observation(NOW, 1), build.observation(NOW, 2)]
    winner = max(pair, key=lambda message: message.id)
    for message in sorted(pair, key=lambda message: message.id, reverse=True):
        store(connection, message)
    assert one(connection, "SELECT queue_length FROM counter") == (winner.queue_length,)


def test_older_heartbeat_does_not_overwrite_a_newer_one(connection):
    store(connection, build.health(NOW, fps=9.0, camera="ok", simulated=True))
    store(connection, build.health(ago(60), fps=1.0, camera="black"))
    assert one(connection, "SELECT fps, camera, simulated, health_at FROM device") == (
        9.0, "ok", True, NOW,
    )  # fmt: skip
    assert one(connection, "SELECT count(*) FROM health") == (2,)


OLD, NEW = build.session_at(ago(600)), build.session_at(ago(60))
BACK = [
    build.health(ago(500), session=OLD, fps=5.0),
    build.health(ago(600), session=OLD, status=DeviceStatus.OFFLINE),
    build.health(ago(50), session=NEW, fps=6.0),
]


def is_online(connection: psycopg.Connection) -> bool:
    session, ended = one(connection, "SELECT session, offline_session FROM device")
    return ended is None or session > ended


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_will_of_an_old_session_does_not_take_down_a_new_one(connection, order):
    for index in order:
        store(connection, BACK[index])
    assert is_online(connection)
    assert one(connection, "SELECT fps, session FROM device") == (6.0, NEW)


def test_will_of_the_present_session_takes_the_device_down_and_keeps_its_figures(connection):
    store(connection, *BACK)
    store(connection, build.health(ago(60), session=NEW, status=DeviceStatus.OFFLINE))
    assert not is_online(connection)
    assert one(connection, "SELECT fps FROM device") == (6.0,)


def test_will_and_heartbeats_in_one_batch_give_the_same(connection):
    store(connection, *reversed(BACK))
    assert is_online(connection)
    assert one(connection, "SELECT fps FROM device") == (6.0,)


POISON = {
    "NUL in a text": lambda: build.health(NOW, software="a\0b"),
    "NUL in a ticket": lambda: build.ticket(NOW, "a\0b"),
    "NUL in a problem": lambda: build.health(NOW, problems=("a\0b",)),
    "number out of range": lambda: build.health(NOW, outbox_depth=2**63),
}


@pytest.mark.parametrize("kind", POISON)
@pytest.mark.parametrize("place", [0, 40, 99])
def test_one_poisonous_row_is_quarantined_and_the_rest_commits(connection, kind, place):
    poison = POISON[kind]()
    messages = [build.rating(ago(i)) for i in range(100)]
    messages.insert(place, poison)
    batch = store(connection, *messages)
    assert [refused.message for refused in batch.refused] == [poison.id]
    assert batch.refused[0].refusal is Refusal.REJECTED_BY_DATABASE
    assert len(batch.accepted) == 100
    assert one(connection, "SELECT count(*), sum(score) FROM rating") == (100, 500)
    assert one(connection, "SELECT refusal, message FROM quarantine") == (
        "rejected_by_database", poison.id,
    )  # fmt: skip


def test_many_poisonous_rows_are_all_found(connection):
    chance = random.Random(3)
    messages = [build.rating(ago(i)) for i in range(60)]
    messages += [build.ticket(NOW, f"{i}\0") for i in range(7)]
    chance.shuffle(messages)
    batch = store(connection, *messages)
    assert (len(batch.accepted), len(batch.refused)) == (60, 7)


def refused(payload: bytes, reason: str = "no") -> Refused:
    return Refused(topic="a/b", payload=payload, refusal=Refusal.MALFORMED, reason=reason)


def test_repeated_refusal_is_one_row_that_counts(connection):
    for _ in range(3):
        write(connection, Batch(refused=[refused(b"?"), refused(b"!")]))
    rows = connection.execute("SELECT payload, times_received FROM quarantine ORDER BY 1")
    assert rows.fetchall() == [(b"!", 3), (b"?", 3)]


def test_quarantine_takes_any_bytes_and_cuts_what_is_too_long(connection):
    write(
        connection,
        Batch(refused=[refused(bytes(range(256)) * 2000, "NUL \0 and lone \ud800 surrogate")]),
    )
    stored = one(connection, "SELECT octet_length(payload), payload_bytes, reason FROM quarantine")
    assert stored == (128 * 1024, 512_000, "NUL \\0 and lone \\ud800 surrogate")


def test_same_device_name_at_two_units_is_two_devices(connection):
    other = Address(unit="que-vo", counter="quay-1", device="edge-1")
    write(
        connection,
        Batch(
            accepted=[
                build.accepted(build.rating(NOW)),
                build.accepted(build.rating(NOW, address=other), other),
            ]
        ),
    )
    assert one(connection, "SELECT count(*) FROM device") == (2,)


def test_listeners_wake_only_for_what_is_committed(connection, database_url):
    with connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN motcua_change")
        store(connection, build.rating(NOW))
        (note,) = listener.notifies(timeout=30, stop_after=1)
        assert note.channel == "motcua_change"
        assert one(listener, "SELECT count(*) FROM rating") == (1,)
        assert isinstance(one(listener, "SELECT id FROM rating")[0], UUID)


def test_number_that_fills_its_column_does_not_refuse_its_neighbours(connection):
    huge = build.mix()
    huge = msgspec.structs.replace(huge, readings=2**63 - 1)
    store(connection, build.observation(ago(5), expression=huge))
    batch = store(connection, build.observation(ago(4), expression=build.mix()))
    assert batch.refused == []
    assert one(connection, "SELECT count(*), sum(readings) FROM observation") == (2, 2**63 + 9)
