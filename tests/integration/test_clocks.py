"""A wrong clock on either side costs no data: ingest on a clock of the test's own, and devices on
theirs, between a real mosquitto and a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import structlog.testing

from contract.messages import Rating
from contract.topics import Address
from motcua.local.broker import Broker, run_broker
from server.db.connection import connect
from server.ingest.heartbeats import WallClock
from server.ingest.replay import ReplayReport, replay_quarantine
from server.ingest.service import Ingest
from server.ingest.settings import IngestSettings
from tests.integration.counterpart import counterpart
from tests.server import build
from tests.server.publisher import Publisher, publisher
from tests.waiting import eventually

pytestmark = pytest.mark.integration

MINUTES_30 = timedelta(minutes=30)
DEVICES = tuple(Address(unit=f"u{n}", counter="quay-1", device=f"edge-{n}") for n in range(3))


@dataclass
class SetClock(WallClock):
    """A clock that is `ahead` of the true time."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(kw_only=True)
class System:
    """One ingest, whose clock can be set, with devices whose clocks can be."""

    database_url: str
    wall: SetClock
    unit: Publisher
    logs: list = field(default_factory=list)

    def one(self, sql: str) -> tuple:
        with psycopg.connect(self.database_url) as connection:
            (row,) = connection.execute(sql).fetchall()
        return row

    def beat(self, *devices: Address, ahead: timedelta = timedelta(), **fields: object) -> bool:
        for device in devices:
            at = datetime.now(UTC) + ahead
            self.unit.send(build.health(at, address=device, **fields), device)
        return True

    def until(self, state: str, *devices: Address, **fields: object) -> None:
        """Send heartbeats until ingest has said this of its own clock."""
        sql = "SELECT coalesce(max(state), '') FROM server_clock"
        eventually(
            lambda: self.beat(*devices, **fields) and self.one(sql) == (state,), 60, what=state
        )

    def rate(self, *devices: Address, ahead: timedelta = timedelta()) -> list[Rating]:
        sent = []
        for device in devices:
            sent.append(build.rating(datetime.now(UTC) + ahead, address=device))
            self.unit.send(sent[-1], device)
        return sent

    def ratings(self) -> int:
        return self.one("SELECT count(*) FROM rating")[0]

    def held(self) -> int:
        return self.one("SELECT count(*) FROM held_message")[0]

    def quarantined(self) -> int:
        return self.one("SELECT count(*) FROM quarantine")[0]

    def events(self) -> set[str]:
        return {entry["event"] for entry in self.logs}


@pytest.fixture
def broker(mosquitto, open_tmp_path) -> Iterator[Broker]:
    with run_broker(open_tmp_path / "mqtt") as broker:
        yield broker


@contextmanager
def ingesting(database_url: str, broker: Broker, ahead: timedelta) -> Iterator[System]:
    wall = SetClock(ahead)
    ingest = Ingest(database_url, broker.url, IngestSettings(), wall=wall)
    with structlog.testing.capture_logs() as logs, publisher(broker.url) as unit:
        thread = threading.Thread(target=ingest.run, daemon=True)
        thread.start()
        try:
            eventually(lambda: any(e["event"] == "broker_connected" for e in logs), 60)
            yield System(database_url=database_url, wall=wall, unit=unit, logs=logs)
        finally:
            ingest.stop()
            thread.join(30)


@pytest.fixture
def system(database_url, broker, request) -> Iterator[System]:
    ahead = getattr(request, "param", timedelta())
    with ingesting(database_url, broker, ahead) as system:
        yield system


@pytest.mark.parametrize(
    "system", [-MINUTES_30, MINUTES_30], indirect=True, ids=["behind", "ahead"]
)
def test_a_server_whose_own_clock_is_wrong_acknowledges_nothing_and_counts_all_after_repair(system):
    first = system.rate(*DEVICES)
    system.until("suspect", *DEVICES, clock_synchronised=True)
    acknowledged = set(system.unit.committed())
    sent = first + system.rate(*DEVICES)
    system.until("suspect", *DEVICES, clock_synchronised=True)
    eventually(lambda: system.ratings() + system.held() == 6)
    assert set(system.unit.committed()) == acknowledged
    assert system.unit.quarantined() == []
    assert system.quarantined() == 0
    assert "server_clock_suspect" in system.events()
    system.wall.ahead = timedelta()
    system.until("confirmed", *DEVICES, clock_synchronised=True)
    eventually(lambda: system.ratings() == 6 and system.held() == 0)
    for device, rating in zip(DEVICES * 2, sent, strict=True):
        system.unit.send(rating, device)
    system.unit.wait_for(*sent)
    assert system.ratings() == 6


def test_a_step_of_the_servers_clock_between_two_batches_is_seen_at_once(system):
    system.until("confirmed", *DEVICES, clock_synchronised=True)
    system.wall.ahead = -MINUTES_30
    sent = system.rate(*DEVICES)
    eventually(lambda: system.held() == 3)
    assert set(system.unit.committed()).isdisjoint(rating.id for rating in sent)
    system.wall.ahead = timedelta()
    eventually(lambda: system.beat(*DEVICES, clock_synchronised=True) and system.ratings() == 3, 60)
    system.unit.wait_for(*sent)


def test_with_fewer_devices_a_refusal_for_the_future_is_not_acknowledged_for_a_day(system):
    (rating,) = system.rate(DEVICES[0], ahead=MINUTES_30)
    later = system.rate(DEVICES[0])
    system.unit.wait_for(*later)
    assert (system.held(), system.quarantined()) == (1, 0)
    assert rating.id not in {*system.unit.committed(), *system.unit.quarantined()}
    assert rating.id in system.unit.held()
    with psycopg.connect(system.database_url) as connection:
        connection.execute("UPDATE held_message SET received_at = received_at - interval '1 day'")
    eventually(lambda: system.quarantined() == 1, 60)
    eventually(lambda: rating.id in system.unit.quarantined())


def test_devices_that_confirm_the_servers_clock_convict_the_one_that_is_ahead(system):
    system.until("confirmed", *DEVICES, clock_synchronised=True)
    fourth = Address(unit="u4", counter="quay-1", device="edge-4")
    (rating,) = system.rate(fourth, ahead=MINUTES_30)
    eventually(lambda: rating.id in system.unit.quarantined())
    assert system.held() == 0


@pytest.mark.parametrize("system", [-MINUTES_30], indirect=True)
def test_a_restart_with_the_right_clock_counts_what_was_held(system, broker, database_url):
    sent = system.rate(DEVICES[0])
    eventually(lambda: system.held() == 1)
    system.wall.ahead = timedelta()
    eventually(lambda: system.ratings() == 1, 60)
    system.unit.wait_for(*sent)


@pytest.mark.parametrize("ahead", [-MINUTES_30, MINUTES_30, timedelta(minutes=4)])
def test_a_device_whose_clock_is_wrong_is_online_and_its_clock_is_named(system, ahead):
    def device() -> tuple[float | None, bool]:
        rows = (
            "SELECT max(clock_offset_s), bool_or(abs(extract(epoch FROM now() - last_seen)) < 20)"
        )
        return system.one(f"{rows} FROM device")

    eventually(lambda: system.beat(DEVICES[0], ahead=ahead) and device()[0] is not None, 60)
    system.beat(DEVICES[0], ahead=ahead)
    offset_s, online = eventually(lambda: device()[1] and device())
    assert abs(offset_s + ahead.total_seconds()) < 5
    assert online
    assert system.quarantined() == system.held() == 0


def test_a_retired_device_leaves_nothing_at_the_broker(system, broker):
    system.unit.send(build.health(datetime.now(UTC), address=DEVICES[0]), DEVICES[0], retain=True)
    system.unit.send_raw(DEVICES[0].topic("config"), b"{}", retain=True)
    eventually(lambda: system.one("SELECT count(*) FROM device") == (1,))
    with counterpart(broker.url, DEVICES[0]) as before:
        eventually(lambda: len(before.healths()) == 1)
    with psycopg.connect(system.database_url) as connection:
        connection.execute("UPDATE device SET retired_at = now(), retired_seen = last_seen, "
                           "retained_cleared = false")  # fmt: skip
    eventually(lambda: system.one("SELECT retained_cleared FROM device") == (True,), 60)
    marker = build.health(datetime.now(UTC), address=DEVICES[0])
    with counterpart(broker.url, DEVICES[0]) as after:
        system.unit.send(marker, DEVICES[0])
        eventually(lambda: [message.id for message in after.healths()] == [marker.id])
    eventually(lambda: system.one("SELECT retired_at FROM device") == (None,))
    assert "retired_device_speaks" in system.events()


def test_replay_judges_refusals_by_time_anew(database_url, broker):
    with ingesting(database_url, broker, -MINUTES_30) as system:
        system.rate(DEVICES[0])
        eventually(lambda: system.held() == 1)
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE held_message SET received_at = received_at - interval '1 d'")
        eventually(lambda: system.quarantined() == 1, 60)
    with connect(database_url, autocommit=True) as connection:
        assert replay_quarantine(connection, IngestSettings()) == ReplayReport(stored=1, refused=0)


def test_a_databases_clock_decides_nothing_and_its_difference_is_said(system):
    with psycopg.connect(system.database_url) as connection:
        connection.execute("CREATE SCHEMA wrong")
        connection.execute(
            "CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            "$$SELECT pg_catalog.clock_timestamp() - interval '30 minutes'$$"
        )
        connection.execute(
            "CREATE FUNCTION wrong.now() RETURNS timestamptz LANGUAGE sql AS "
            "$$SELECT pg_catalog.now() - interval '30 minutes'$$"
        )
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = wrong, public, pg_catalog')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    sent = system.rate(*DEVICES)
    system.unit.wait_for(*sent)
    eventually(lambda: "database_clock_differs" in system.events(), 60)
    system.rate(DEVICES[0], ahead=MINUTES_30)
    eventually(lambda: system.held() == 1)
    ahead_s, seen_s = system.one(
        "SELECT extract(epoch FROM received_at - pg_catalog.now()), "
        "(SELECT extract(epoch FROM max(last_seen) - pg_catalog.now()) FROM device) "
        "FROM held_message"
    )
    assert abs(ahead_s) < 60
    assert abs(seen_s) < 60
