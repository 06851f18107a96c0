"""Devices as the server's clock sees them, retired and brought back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import structlog.testing
from psycopg import AsyncConnection

from contract.codec import encode
from contract.readings import DeviceReading, Withheld
from contract.topics import Address
from server.db.connection import connect
from server.db.pool import Database, PoolSettings
from server.devices.store import read_devices, restore, retire
from server.errors import NotFound
from server.facts.connections import CONNECTIONS
from server.facts.queues import QUEUES
from server.facts.sources import Selection
from server.facts.store import read_facts
from server.ingest.batch import Batch, Times
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.writer import write
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import NOW as PERIOD_NOW
from server.scopes import PROVINCE
from tests.coroutines import run
from tests.server import build

pytestmark = pytest.mark.integration

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
LONG_AGO = Address(unit="tu-son", counter="quay-9", device="edge-9")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def receive(url: str, *messages, offset_s: float | None = None, received_s: float = 0) -> None:
    """Take messages in as ingest does, from a device whose clock was measured."""
    received_at = at(received_s)
    offsets = {} if offset_s is None else {build.HERE: offset_s}
    limits = TimeLimits.at(received_at, past_limit_days=366, future_limit_s=300)
    coded = [(build.route(message).topic, encode(message)) for message in messages]
    batch = decode_batch(coded, limits).hold_untimely()
    times = Times(received_at=received_at, offsets_s=offsets)
    with connect(url, autocommit=True) as connection:
        write(connection, Batch(accepted=batch.accepted, refused=batch.refused, held=batch.held,
                                untimely_health=batch.untimely_health, times=times))  # fmt: skip
        if offset_s is not None:
            connection.execute("UPDATE device SET clock_offset_s = %s", (offset_s,))


def ask(url: str, question: Callable[[AsyncConnection], Awaitable]):
    async def work():
        database = Database(url, PoolSettings())
        await database.open()
        try:
            return await database.change(question)
        finally:
            await database.close()

    return run(work())


def devices(url: str, seconds: float = 0, *, retired: bool = False) -> list[DeviceReading]:
    return ask(url, lambda connection: read_devices(connection, at(seconds), retired=retired))


def readings(url: str, seconds: float) -> dict:
    """The readings of now, so long after NOW."""

    async def read(connection):
        found = {}
        for source in (CONNECTIONS, QUEUES):
            rows = await read_facts(connection, source, Selection())
            found[source.name] = source.total(row.totals for row in rows)
        return found

    totals = ask(url, read)
    moment = Moment(now=at(seconds), period=PERIOD_NOW)
    kpis = (BY_ID[name] for name in ("devices_online", "people_waiting", "data_age"))
    return {kpi.id: kpi.read(totals[kpi.source.name], PROVINCE, moment) for kpi in kpis}


AHEAD_OR_BEHIND = pytest.mark.parametrize("ahead_s", [-1800, -240, 0, 240, 1800])


@AHEAD_OR_BEHIND
def test_online_now_and_age_follow_the_receipt_whatever_the_devices_clock_says(
    database_url, ahead_s
):
    receive(
        database_url,
        build.health(at(ahead_s)),
        build.observation(at(ahead_s), 7),
        offset_s=-ahead_s,
    )
    fresh, silent = readings(database_url, 5), readings(database_url, 40)
    assert (fresh["devices_online"].value, fresh["people_waiting"].value) == (1, 7)
    assert fresh["data_age"].value == 5
    assert silent["devices_online"].value == 0
    assert silent["people_waiting"].withheld is Withheld.STALE
    assert silent["data_age"].value == 40


@pytest.mark.parametrize(
    ("ahead_s", "codes"),
    [(0, []), (29, []), (31, ["clock_ahead"]), (1800, ["clock_ahead"]), (-31, ["clock_behind"])],
)
def test_a_skew_above_half_a_minute_is_a_named_problem_of_the_device(database_url, ahead_s, codes):
    receive(database_url, build.health(at(ahead_s)), offset_s=-ahead_s)
    (device,) = devices(database_url)
    assert [problem.code for problem in device.problems] == codes
    assert all(problem.parameters == {"seconds": str(abs(ahead_s))} for problem in device.problems)


def test_a_single_stamp_of_the_future_blocks_nothing_that_comes_later(database_url):
    receive(
        database_url,
        build.health(at(86_400), fps=1.0, session=build.session_at(at(86_400))),
        build.observation(at(86_400), 9),
        build.rating(at(86_400)),
    )
    receive(
        database_url,
        build.health(at(10), fps=2.0, session=build.session_at(at(9))),
        build.observation(at(10), 4),
        received_s=10,
    )
    (device,) = devices(database_url, 10)
    assert (device.fps, device.online, device.last_seen) == (2.0, True, at(10))
    found = readings(database_url, 41)
    assert found["people_waiting"].withheld is Withheld.STALE
    assert readings(database_url, 12)["people_waiting"].value == 4
    assert found["devices_online"].value == 0


def test_what_a_server_stamped_while_its_clock_was_ahead_blocks_nothing(database_url):
    receive(database_url, build.health(at(0)), build.observation(at(0), 9), offset_s=1800,
            received_s=1800)  # fmt: skip
    receive(database_url, build.health(at(10)), build.observation(at(10), 4), offset_s=0,
            received_s=10)  # fmt: skip
    assert devices(database_url)[0].last_seen == at(10)
    assert readings(database_url, 12)["people_waiting"].value == 4


def test_a_retired_device_leaves_counts_and_screens_and_keeps_its_history(database_url):
    receive(database_url, build.health(at(0), simulated=True), build.observation(at(0), 7))
    assert ask(database_url, lambda connection: retire(connection, build.HERE))
    assert not ask(database_url, lambda connection: retire(connection, build.HERE))
    found = readings(database_url, 5)
    assert {reading.withheld for reading in found.values()} == {Withheld.NO_DATA}
    assert devices(database_url) == []
    (device,) = devices(database_url, retired=True)
    assert device.retired_at is not None
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM observation").fetchone() == (1,)
    assert ask(database_url, lambda connection: restore(connection, build.HERE))
    assert readings(database_url, 5)["people_waiting"].value == 7


def test_a_retired_device_comes_back_by_name_when_it_speaks_again(database_url):
    beat = build.health(at(0))
    receive(database_url, beat)
    ask(database_url, lambda connection: retire(connection, build.HERE))
    receive(database_url, beat, build.health(at(-60)), received_s=20)
    assert devices(database_url) == []
    with structlog.testing.capture_logs() as logs:
        receive(database_url, build.health(at(30)), received_s=30)
    assert [device.device for device in devices(database_url, 30)] == [build.HERE.device]
    assert [(entry["event"], entry["device"]) for entry in logs] == [
        ("retired_device_speaks", build.HERE.device)
    ]


def test_a_device_that_was_never_known_cannot_be_retired(database_url):
    with pytest.raises(NotFound, match="quay-9"):
        ask(database_url, lambda connection: retire(connection, LONG_AGO))


def test_two_units_with_one_identity_are_named(database_url):
    receive(database_url, build.health(at(0)))
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE device SET shared_by = '{10.0.0.1,10.0.0.2}'")
    (device,) = devices(database_url)
    (problem,) = device.problems
    assert problem.code == "identity_shared"
    assert "10.0.0.1, 10.0.0.2" in problem.text_vi
