"""`motcua server api` on a real PostgreSQL: what it says, and how it bears clients and outages."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import msgspec
import psutil
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from contract.local_time import LOCAL_TIME
from contract.messages import Upstream
from contract.problems import ProblemCode, report
from contract.readings import KpiDefinition, Reading, Unit, Withheld
from contract.topics import Address
from motcua.local.postgres import PostgresServer, run_postgres
from server.db.connection import connect as connect_database
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.writer import write
from server.kpi.catalogue import definitions
from server.live.settings import LiveSettings
from tests.processes import Motcua, free_port, motcua
from tests.server import build
from tests.updates import Held, decode, held
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("today")]


@dataclass(frozen=True, kw_only=True)
class Api:
    """A running API and its database."""

    database_url: str
    port: int
    process: Motcua

    def get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{self.port}{path}", timeout=30, headers={"Accept-Language": "en"}
        )

    def snapshot(self, scope: str = "province") -> Held:
        response = self.get(f"/api/v1/snapshot?scope={scope}")
        response.raise_for_status()
        return held([decode(response.content)])

    def readings(self, query: str) -> dict[tuple[str, str, str], Reading]:
        response = self.get(f"/api/v1/readings?{query}")
        response.raise_for_status()
        found = msgspec.convert(response.json()["readings"], list[Reading])
        return {(reading.kpi, reading.scope, reading.period): reading for reading in found}

    def stream(self, query: str = "", **options: object) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}/api/v1/stream?{query}", **options)

    def store(self, *messages: Upstream) -> None:
        self.store_all([(message, build.HERE) for message in messages])

    def store_all(self, entries: list[tuple[Upstream, Address]]) -> None:
        with connect_database(self.database_url, autocommit=True) as connection:
            write(connection, Batch(accepted=[build.accepted(*entry) for entry in entries]))
            connection.execute("UPDATE unit SET accepted = true")


RENEW_S = 1.0
"""Shorter than the product's 5 s, so that tests of renewal need not wait long."""


@contextmanager
def running(database_url: str, folder: Path, **settings: object) -> Iterator[Api]:
    """Run the API; `settings` are those named MOTCUA_API_…."""
    port = free_port()
    arguments = ("--database-url", database_url, "--port", str(port))
    env = {"MOTCUA_API_RENEW_S": str(RENEW_S)}
    env |= {f"MOTCUA_API_{name.upper()}": str(value) for name, value in settings.items()}
    with motcua("server", "api", "--trial", *arguments, log=folder / "api.log", env=env) as process:
        api = Api(database_url=database_url, port=port, process=process)
        eventually(lambda: api.get("/api/v1/snapshot").is_success, 60, retry=httpx.HTTPError)
        yield api


@pytest.fixture
def api(database_url, tmp_path) -> Iterator[Api]:
    with running(database_url, tmp_path) as api:
        yield api


def now() -> datetime:
    return datetime.now(UTC)


def follow(socket: ClientConnection, state: Held) -> Held:
    """Take the next update of the stream into `state`."""
    state.apply(decode(socket.recv(timeout=30)))
    return state


def received(socket: ClientConnection) -> Held:
    """Return the first update of a stream, which is whole."""
    return follow(socket, Held())


def until(socket: ClientConnection, state: Held, ratings: int) -> Held:
    """Follow the stream until the province has so many ratings."""
    return eventually(
        lambda: state if follow(socket, state).reading("ratings").n == ratings else None
    )


def test_catalogue_is_served_as_declared(api):
    found = msgspec.json.decode(api.get("/api/v1/catalogue").content, type=list[KpiDefinition])
    assert tuple(found) == definitions()


def test_empty_province_has_every_live_kpi_and_no_figure(api):
    snapshot = api.snapshot()
    assert snapshot.units() == []
    assert [kpi for _, kpi in snapshot.readings] == [
        entry.id for entry in definitions() if entry.live
    ]
    assert {entry.withheld for entry in snapshot.readings.values()} == {Withheld.NO_DATA}


def test_figures_come_from_what_is_stored(api):
    at = now()
    # Shortly after midnight in Viet Nam "ten seconds ago" may be yesterday.
    # No more than five a minute at one counter: else they are doubtful.
    messages: list[Upstream] = [
        build.rating(at, 5 if i < 24 else 1, counter=f"quay-{i % 6 + 1}") for i in range(30)
    ]
    messages += [build.visit(at, 60.0 * (i % 7 + 1), expression=build.mix(0.5)) for i in range(35)]
    messages += [build.visit(at, 9_000.0, complete=False)]
    used = {"detector": "motcua-face", "people_detector": "fastestdet"}
    messages += [build.observation(at, 4)]
    messages += [build.health(at, fps=9.5, camera="ok", simulated=True, **used)]
    api.store(*messages)
    snapshot = eventually(lambda: s if (s := api.snapshot()).units() else None)
    assert snapshot.units() == ["subtree:tu-son"]
    assert all(place.simulated for place in snapshot.places)
    for scope in ("subtree:tu-son", "province"):
        share = snapshot.reading("share_satisfied", scope)
        assert (share.n, share.value) == (30, 0.8)
        assert (share.low, share.high) == pytest.approx((0.6269, 0.9050), abs=1e-4)
        assert snapshot.reading("people_waiting", scope).value == 4
        assert snapshot.reading("visits", scope).n == 36
        median = snapshot.reading("median_service", scope)
        assert (median.n, median.value) == (35, pytest.approx(240.0, rel=0.02))
        assert snapshot.reading("expression_mix", scope).parts == pytest.approx(
            {"negative": 0.25, "neutral": 0.25, "positive": 0.5}
        )
        assert snapshot.reading("devices_online", scope).parts == {"online": 1, "known": 1}
        assert 0 <= (snapshot.reading("data_age", scope).value or 0) < 30
    (device,) = api.get("/api/v1/devices").json()
    assert (device["online"], device["fps"], device["camera"]) == (True, 9.5, "ok")
    assert (device["detector"], device["people_detector"]) == ("motcua-face", "fastestdet")
    assert (device["simulated"], device["expression_model"]) == (True, None)


def test_device_tells_its_problems_in_both_languages(api):
    silent = report(ProblemCode.SILENT, process="watch", silent_s=47)
    api.store(build.health(now(), problem_reports=(silent,), problems=("smoke",)))
    (device,) = api.get("/api/v1/devices").json()
    assert [(problem["code"], problem["text_vi"]) for problem in device["problems"]] == [
        ("silent", "bộ quan sát (watch) đã 47 giây không báo cáo"), ("other", "smoke"),
    ]  # fmt: skip


def test_readings_answer_any_scope_period_and_breakdown(api):
    yesterday, today = now() - timedelta(days=1), now()
    days = [f"{at.astimezone(LOCAL_TIME):%Y-%m-%d}" for at in (yesterday, today)]
    other = Address(unit="que-vo", counter="quay-9", device="edge-1")
    api.store(build.rating(yesterday), build.rating(today))
    api.store_all([(build.rating(today, address=other), other)] * 2)
    counts = {key: entry.n for key, entry in api.readings("kpi=ratings").items()}
    assert counts == {("ratings", "province", days[1]): 2}
    found = api.readings(f"kpi=ratings&period={days[0]}..{days[1]}&by=unit&by=day")
    assert {(scope, period): entry.n for (_, scope, period), entry in found.items()} == {
        ("subtree:tu-son", days[0]): 1, ("subtree:tu-son", days[1]): 1,
        ("subtree:que-vo", days[0]): 0, ("subtree:que-vo", days[1]): 1,
    }  # fmt: skip
    found = api.readings(f"kpi=ratings&kpi=share_satisfied&period={days[1]}&by=counter")
    one = found["ratings", "counter:que-vo/quay-9", days[1]]
    assert (one.n, one.value, one.withheld) == (0, None, Withheld.SMALL_SAMPLE)
    # of a real device nine at once would be doubtful
    api.store_all([(build.health(now(), simulated=True), other)])
    api.store_all([(build.rating(now(), address=other), other) for _ in range(9)])
    found = api.readings("scope=counter:que-vo/quay-9&kpi=ratings&period=day")
    assert [entry.n for entry in found.values()] == [10]


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ("period=yesterday", 422, "2026-Q4"),
        ("scope=tu-son", 422, "subtree:UNIT"),
        ("scope=subtree:nowhere", 404, "nowhere"),
        ("kpi=happiness", 404, "happiness"),
        ("kpi=ratings&period=now", 422, "spans of days"),
        ("kpi=ratings&period=2026-10-01..2026-10-15", 422, "2026-W44"),
        ("by=unit&by=counter", 422, "at most one"),
        ("by=colour", 422, "at most one"),
    ],
)
def test_question_that_cannot_be_answered_says_why(api, query, status, word):
    answer = api.get(f"/api/v1/readings?{query}")
    assert (answer.status_code, word in answer.json()["detail"]) == (status, True)


def test_units_are_listed_and_found_by_name(api):
    api.store(build.rating(now()))
    (listed,) = msgspec.json.decode(api.get("/api/v1/units").content, type=list[Unit])
    assert listed.id == "tu-son"
    assert api.get("/api/v1/units/tu-son").json()["id"] == "tu-son"
    missing = api.get("/api/v1/units/nowhere")
    assert missing.status_code == 404
    assert "nowhere" in missing.json()["detail"]


def test_quarantine_is_paged_from_the_newest(api):
    limits = TimeLimits.at(now(), past_limit_days=366, future_limit_s=300)
    received = [(build.HERE.topic("rating"), f"bad {i}".encode()) for i in range(5)]
    with connect_database(api.database_url, autocommit=True) as connection:
        for message in received:
            write(connection, decode_batch([message], limits))
    first = api.get("/api/v1/quarantine?limit=3").json()
    rest = api.get(f"/api/v1/quarantine?limit=3&before={first[-1]['id']}").json()
    assert [entry["payload_start"] for entry in first + rest] == [
        "bad 4", "bad 3", "bad 2", "bad 1", "bad 0",
    ]  # fmt: skip
    assert {entry["refusal"] for entry in first} == {"malformed"}
    assert api.get("/api/v1/quarantine?limit=0").status_code == 422


def test_every_answer_fits_the_openapi_document(api):
    api.store(build.rating(now()), build.health(now()))
    document = api.get("/openapi.json").json()
    assert document == json.loads(
        (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
    )
    from jsonschema import Draft202012Validator

    for path, methods in document["paths"].items():
        parameters = methods.get("get", {}).get("parameters", ())
        if "get" not in methods or any(p["in"] == "query" and p["required"] for p in parameters):
            continue
        if path in {"/api/v1/events", "/api/v1/alerts/events"}:
            continue  # they have no end
        asked = path.replace("{unit}", "tu-son")
        if "{" in asked:
            continue  # of what is not there; test_api_document asks for what is
        answer = api.get(asked)
        if answer.status_code in {403, 404}:
            continue  # what a trial's administrator has not; test_api_document asks as each role
        content = methods["get"]["responses"]["200"]["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(answer.json())
    assert api.get("/docs").is_success


def test_stream_sends_the_whole_at_once_and_then_every_change(api):
    with api.stream() as socket:
        state = received(socket)
        first = state.revision
        api.store(build.rating(now()))
        until(socket, state, 1)
        assert state.revision > first
        assert state.reading("ratings", "subtree:tu-son").value == 1


def test_stream_and_rest_say_the_same(api):
    api.store(build.rating(now()))
    with api.stream() as socket:
        state = until(socket, received(socket), 1)
        by_rest = api.snapshot()
        eventually(lambda: state.revision >= by_rest.revision or follow(socket, state) is None)
        for kpi in ("ratings", "share_satisfied", "visits"):
            assert state.reading(kpi) == by_rest.reading(kpi)


def test_stream_of_a_unit_hears_of_that_unit_alone(api):
    other = Address(unit="que-vo", counter="quay-9", device="edge-1")
    api.store(build.rating(now()))
    api.store_all([(build.rating(now(), address=other), other)])
    eventually(lambda: len(api.snapshot().units()) == 2)
    with api.stream("scope=subtree:que-vo") as socket, api.stream() as everything:
        state, whole = received(socket), received(everything)
        assert {scope for scope, _ in state.readings} == {"subtree:que-vo"}
        api.store(build.rating(now()))
        until(everything, whole, 3)
        api.store_all([(build.rating(now(), address=other), other)])
        eventually(lambda: follow(socket, state).reading("ratings", "subtree:que-vo").n == 2)
        assert {scope for scope, _ in state.readings} == {"subtree:que-vo"}


def test_client_that_comes_back_continues_from_its_revision(api):
    api.store(build.rating(now()))
    with api.stream() as socket:
        state = until(socket, received(socket), 1)
    api.store(build.rating(now()))
    eventually(lambda: api.snapshot().reading("ratings").n == 2)
    with api.stream(f"since={state.revision}") as socket:
        update = decode(socket.recv(timeout=30))
        assert update.since == state.revision
        state.apply(update)
        assert state.reading("ratings").n == 2


@pytest.mark.parametrize("scope", ["subtree:nowhere", "counter:a/b", "everything"])
def test_stream_of_an_unknown_scope_is_closed_with_the_reason(api, scope):
    with api.stream(f"scope={scope}") as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=30)
    assert closed.value.rcvd.code == 4404


def test_changes_are_coalesced_to_five_a_second(api):
    with api.stream() as socket:
        state = received(socket)
        first, began = state.revision, state.computed_at
        for index in range(60):
            place = Address(unit="tu-son", counter=f"quay-{index % 15}", device="d")
            api.store_all([(build.rating(now(), address=place), place)])
        until(socket, state, 60)
        elapsed_s = (state.computed_at - began).total_seconds()
        assert state.revision - first <= elapsed_s / 0.2 + 1


def test_updates_come_without_any_message(api):
    with api.stream() as socket:
        state = received(socket)
        times = [(follow(socket, state).revision, state.computed_at) for _ in range(2)]
    (second, earlier), (third, later) = times
    assert second < third
    assert RENEW_S / 2 < (later - earlier).total_seconds() < LiveSettings().renew_s <= 5


def test_slow_client_is_dropped_and_does_not_hold_up_the_others(database_url, tmp_path):
    with running(database_url, tmp_path, coalesce_s=0.02, send_timeout_s=0.5) as api:
        units = [f"unit-{number}" for number in range(200)]
        rounds = count()

        def rate() -> None:
            counter = f"c-{next(rounds) // 4}"  # four ratings at each: more were doubtful
            many = [Address(unit=unit, counter=counter, device="d") for unit in units]
            api.store_all([(build.rating(now(), address=address), address) for address in many])

        rate()
        with socket.socket() as narrow:
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            narrow.connect(("127.0.0.1", api.port))
            slow = api.stream(sock=narrow, max_queue=1, compression=None)
            with api.stream() as quick:
                state = until(quick, received(quick), len(units))
                eventually(lambda: api.get("/healthz").json()["clients"] == 2)
                sent = len(units)
                while api.get("/healthz").json()["clients"] == 2:
                    rate()
                    sent += len(units)
                    until(quick, state, sent)
                    assert sent < 200_000, "the slow client was never dropped"
            with suppress(OSError):  # the API may already have closed it
                slow.socket.shutdown(socket.SHUT_RDWR)
            slow.close()


def test_client_that_breaks_off_is_forgotten(api):
    sockets = [api.stream() for _ in range(5)]
    eventually(lambda: api.get("/healthz").json()["clients"] == 5)
    for client in sockets:
        client.socket.shutdown(socket.SHUT_RDWR)
    assert eventually(lambda: api.get("/healthz").json()["clients"] == 0)
    for client in sockets:
        client.close()


def test_stops_cleanly_with_open_streams(api):
    with api.stream() as socket:
        received(socket)
        assert api.process.stop() == 0


@pytest.fixture
def database(open_tmp_path) -> Iterator[PostgresServer]:
    with run_postgres(open_tmp_path / "pg") as server:
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            migrate(connection)
        yield server


def test_database_away_gives_503_and_heals(database, tmp_path):
    with running(database.url, tmp_path) as api, api.stream() as socket:
        state = received(socket)
        database.stop()
        eventually(lambda: api.get("/api/v1/snapshot").status_code == 503, 60)
        assert api.get("/healthz").json()["database"] == "away"
        assert api.get("/healthz").status_code == 503
        assert api.get("/api/v1/quarantine").status_code == 503
        assert api.get("/api/v1/catalogue").is_success
        database.start()
        eventually(lambda: api.get("/api/v1/snapshot").is_success, 60)
        api.store(build.rating(now()))
        until(socket, state, 1)
        assert api.get("/healthz").json()["status"] == "ok"
        # Once, or twice where a reading that had begun before still came to its end.
        said = api.process.output()
        assert 1 <= said.count("database_away") == said.count("database_back") <= 2


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """Stop the database's processes without ending them, as a hanging disk or hypervisor does."""
    processes = [server.pid, *(child.pid for child in psutil.Process(server.pid).children())]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def timed(api: Api, path: str) -> tuple[httpx.Response, float]:
    started_s = time.monotonic()
    return api.get(path), time.monotonic() - started_s


ANSWER_S, COMPUTE_S = 1.0, 2.0
ON_A_BUSY_MACHINE_S = 8.0


def test_frozen_database_is_told_in_time_and_heals(database, tmp_path):
    with running(database.url, tmp_path, answer_s=ANSWER_S, compute_s=COMPUTE_S) as api:
        with frozen(database):
            for path in ("/healthz", "/api/v1/quarantine"):
                answer, took_s = timed(api, path)
                assert answer.status_code == 503
                assert took_s < ANSWER_S + ON_A_BUSY_MACHINE_S
            eventually(lambda: api.get("/api/v1/snapshot").status_code == 503)
            assert "gives no answer" in api.get("/api/v1/snapshot").json()["detail"]
            assert "gives no answer" in api.get("/api/v1/quarantine").json()["detail"]
            assert api.get("/healthz").json()["database"] == "away"
        eventually(lambda: api.get("/healthz").is_success, 60)
        assert api.process.output().count("database_away") == 1


def test_frozen_database_does_not_keep_the_api_from_stopping(database, tmp_path):
    times = {"answer_s": ANSWER_S, "compute_s": COMPUTE_S}
    with running(database.url, tmp_path, **times) as api, frozen(database):
        assert api.get("/healthz").status_code == 503
        assert api.process.stop() == 0


def test_stalled_figures_are_given_to_nobody_until_new_ones_come(api):
    with connect_database(api.database_url) as lock, api.stream() as before:
        last = received(before)
        lock.execute("LOCK TABLE device IN ACCESS EXCLUSIVE MODE")
        with suppress(TimeoutError):
            while True:
                last = decode(before.recv(timeout=3 * RENEW_S))
        assert api.get("/api/v1/snapshot").json()["revision"] == last.revision
        with api.stream() as socket:
            with pytest.raises(TimeoutError):
                socket.recv(timeout=RENEW_S)
            lock.rollback()
            assert received(socket).revision > last.revision


def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "motcua.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_taken_port_is_one_clear_line(database_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = cli("server", "api", "--database-url", database_url, "--port", port)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert port in line
    assert "--port" in line


def test_database_away_at_the_start_is_one_clear_line():
    url = "postgresql://nobody:secret@127.0.0.1:1/none"
    result = cli("server", "api", "--database-url", url)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert "127.0.0.1:1/none cannot be reached" in line
    assert "secret" not in line


def test_imported_units_replace_what_messages_registered(api, tmp_path):
    api.store(build.rating(now()))
    file = tmp_path / "units.csv"
    file.write_text(
        "id,parent,name_vi,name_en,kind\n"
        "tu-son,bac-ninh,Phường Từ Sơn,Tu Son ward,ward\n"
        "bac-ninh,,Tỉnh Bắc Ninh,Bac Ninh province,province\n"
        "Bad Id,,X,X,ward\n"
        "orphan,nowhere,X,X,ward\n",
        encoding="utf-8",
    )
    for _ in range(2):
        result = cli(
            "import", "units", str(file), "--keep-going", "--database-url", api.database_url
        )
        assert result.returncode == 1
        assert result.stdout == "units.csv: 2 units imported, 2 rows rejected.\n"
        assert "units.csv:4: id 'Bad Id'" in result.stderr
        assert "units.csv:5: parent 'nowhere'" in result.stderr
    snapshot = eventually(lambda: s if len((s := api.snapshot()).units()) == 2 else None)
    assert [(place.scope, place.name_vi) for place in snapshot.places] == [
        ("province", "Toàn tỉnh"), ("subtree:bac-ninh", "Tỉnh Bắc Ninh"),
        ("subtree:tu-son", "Phường Từ Sơn"),
    ]  # fmt: skip
    assert [snapshot.reading("ratings", unit).n for unit in snapshot.units()] == [1, 1]


def test_many_streams_receive_the_same_text(api):
    texts: list[set[str]] = [set() for _ in range(20)]
    all_listen = threading.Barrier(len(texts), timeout=60)

    def listen(index: int) -> None:
        with api.stream() as client:
            all_listen.wait()
            for _ in range(3):
                texts[index].add(str(client.recv(timeout=30)))

    threads = [threading.Thread(target=listen, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert [len(each) for each in texts] == [3] * len(texts)
    times = [decode(text).computed_at for text in set.union(*texts)]
    renewals = (max(times) - min(times)).total_seconds() / RENEW_S
    assert len(times) <= renewals + 2, "a message was made for each client"


def test_a_suspect_clock_of_the_server_is_said_in_health_and_on_the_stream(api):
    api.store(build.rating(now()))
    with api.stream() as socket:
        state = received(socket)
        assert api.get("/api/v1/health").json()["status"] == "ok"
        with psycopg.connect(api.database_url) as connection:
            connection.execute(
                "INSERT INTO server_clock (state, offset_s, devices, since, measured_at) "
                "VALUES ('suspect', -1800, 3, now(), now())"
            )
        while not (update := decode(socket.recv(timeout=30))).alarms:
            state.apply(update)
    (alarm,) = update.alarms
    assert alarm.code == "server_clock_behind"
    assert "1800" in alarm.text_vi
    health = api.get("/api/v1/health")
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert health.json()["server"]["alarms"][0]["code"] == "server_clock_behind"
    whole = decode(api.get("/api/v1/snapshot").content)
    assert whole.alarms == update.alarms


def test_events_are_the_stream_and_continue_where_a_client_left_off(api):
    def first_event(**headers: str) -> tuple[int, dict]:
        address = f"http://127.0.0.1:{api.port}/api/v1/events"
        with httpx.stream("GET", address, headers=headers, timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            number, kind, data = (next(lines).partition(": ")[2] for _ in range(3))
        assert kind == "update"
        return int(number), json.loads(data)

    api.store(build.rating(now()))
    eventually(lambda: api.snapshot().reading("ratings").n == 1, what="the first rating")
    revision, whole = first_event()
    assert (whole["revision"], whole.get("since")) == (revision, None)
    api.store(build.rating(now()))
    eventually(lambda: api.snapshot().reading("ratings").n == 2, what="the second rating")
    _, change = first_event(**{"Last-Event-ID": str(revision)})
    assert change["since"] == revision
    assert api.get("/api/v1/events?scope=subtree:nowhere").status_code == 404
