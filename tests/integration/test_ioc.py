"""Whatever way figures leave by, and whatever dies meanwhile, they are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest

from contract.local_time import LOCAL_TIME
from motcua.local.postgres import PostgresServer, run_postgres
from server.db.migrations import migrate
from tests.integration.client import FOLDER, Motcua, Problem
from tests.integration.test_api import Api, running
from tests.integration.ways import WAYS, Province, catalogue, readings
from tests.processes import free_port, motcua
from tests.server import build
from tests.server.webhooks.receiver import receiving
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("today"),
]

LOOPBACK = '["127.0.0.0/8"]'


def now() -> datetime:
    return datetime.now(UTC)


def serve_citizens(api: Api) -> None:
    """Store a little of everything for two units."""
    for unit, score in (("tu-son", 5), ("que-vo", 2)):
        place = replace(build.HERE, unit=unit)
        told = []
        for number in range(36):
            place = replace(place, counter=f"quay-{number % 9}", device=f"edge-{number % 9}")
            at = now()
            told += [
                (build.rating(at, max(1, score - number % 3), address=place), place),
                (build.visit(at, 61.0 + 7 * number, address=place), place),
                (build.wait(at, 11.0 * number, address=place), place),
            ]
        api.store_all(told)


_COUNTERS = count(20)


def rate_once(api: Api) -> None:
    """Store a rating at a counter of its own: more than five a minute at one are doubtful."""
    place = replace(build.HERE, counter=f"quay-{next(_COUNTERS)}")
    api.store_all([(build.rating(now(), 4, address=place), place)])


USUAL = {("province", "share_satisfied"), ("subtree:que-vo", "median_service")}
"""What every way tells at least."""
_UNITS = {
    (f"subtree:{unit}", kpi)
    for unit in ("tu-son", "que-vo")
    for kpi in ("share_satisfied", "ratings", "visits", "median_service", "median_wait")
}
LEAST = {
    "XLSX": _UNITS,
    "PDF": _UNITS,
    "wall": {("province", "share_satisfied"), ("province", "visits")},
    "desk": {("province", "share_satisfied"), ("province", "visits")},
}
"""Reports of units tell of units; a scene of the wall and a page of the desk have few figures."""


@contextmanager
def screens_of(api: Api, folder: Path) -> Iterator[str]:
    """Run the dashboards and return their address."""
    port = free_port()
    where = ("--api-url", f"http://127.0.0.1:{api.port}", "--port", str(port))
    with motcua("dashboards", "--trial", *where, log=folder / "screens.log") as screens:
        eventually(lambda: "api_link_up" in screens.output(), 60, what="the dashboards")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def working(database_url: str, folder: Path) -> Iterator:
    arguments = ("server", "worker", "--database-url", database_url)
    with motcua(*arguments, log=folder / "worker.log") as worker:
        eventually(lambda: "worker_ready" in worker.output(), 60, what="the worker")
        yield worker


def test_one_scenario_is_told_alike_in_every_way(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTCUA_WEBHOOK_NETWORKS", LOOPBACK)
    with (
        running(database_url, tmp_path) as api,
        receiving() as receiver,
        working(database_url, tmp_path),
        screens_of(api, tmp_path) as screens,
    ):
        serve_citizens(api)
        url = f"http://127.0.0.1:{api.port}"
        asked = {"name": "ioc", "address": receiver.address}
        assert httpx.post(f"{url}/api/v1/webhooks", json=asked, timeout=30).status_code == 201
        day = f"{now().astimezone(LOCAL_TIME):%Y-%m-%d}"
        province = Province(
            url=url, day=day, held=receiver.held, screens=screens, units=("tu-son", "que-vo")
        )
        webhook = WAYS["webhook"].told
        eventually(lambda: ("province", "ratings") in webhook(province), 120)
        assert readings(province)["province", "ratings"].value == 72
        for name in WAYS:
            # The worker links meanwhile: a way is compared with what the readings say then.
            eventually(lambda name=name: differing(province, name) == [], 120, what=name)
        client_in_the_documents(url)


def differing(province: Province, name: str) -> list[object]:
    """Return which figures a way tells otherwise than the readings, or leaves out."""
    way = WAYS[name]
    told, expected = way.told(province), readings(province)
    measures = {kpi: measure for kpi, (_, measure) in catalogue(province).items()}
    left_out = LEAST.get(name, USUAL) - (expected.keys() & told.keys())
    return [*left_out] + [
        (key, told[key], expected[key])
        for key in expected.keys() & told.keys()
        if told[key] != way.rounding(measures[key[1]], expected[key])
    ]


def client_in_the_documents(url: str) -> None:
    """Ask with the client of docs/examples for everything that it offers."""
    with Motcua(url, language="en") as client:
        assert {unit.id for unit in client.units()} == {"tu-son", "que-vo"}
        assert len(client.counters("tu-son")) == 9
        (ratings,) = client.readings(kpi="ratings")
        assert client.readings(kpi="ratings") == [ratings]
        assert ratings.value == 72
        assert {figure.kpi_name for figure in client.figures(kpi="ratings", lang="en")} == {
            "Ratings"
        }
        first = next(client.updates())
        assert (first.since, first.scope) == (None, "province")
        assert client.snapshot().revision >= first.revision
        with pytest.raises(Problem) as refused:
            client.readings(scope="moon")
        assert (refused.value.status, refused.value.code) == (422, "scope_invalid")
        assert refused.value.title == "The scope is not valid"


@pytest.fixture
def database(open_tmp_path) -> Iterator[PostgresServer]:
    with run_postgres(open_tmp_path / "pg") as server:
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            migrate(connection)
        yield server


@contextmanager
def following(url: str, port: int, secret: str, state: Path) -> Iterator[None]:
    """Run the steering centre's client of docs/examples."""
    script = str(FOLDER / "ioc_client.py")
    words = ["--url", url, "--listen", str(port), "--state", str(state), "--every", "0.5"]
    environment = os.environ | {"IOC_WEBHOOK_SECRET": secret}
    with state.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, script, *words], env=environment, stdout=log, stderr=log
        )
    try:
        yield
        assert process.poll() is None, state.with_suffix(".log").read_text()
    finally:
        process.kill()
        process.wait()


def test_a_steering_centre_holds_what_the_api_says_whatever_is_killed(
    database, tmp_path, monkeypatch
):
    monkeypatch.setenv("MOTCUA_WEBHOOK_NETWORKS", LOOPBACK)
    state, port = tmp_path / "held.json", free_port()
    with running(database.url, tmp_path) as api, working(database.url, tmp_path) as worker:
        url = f"http://127.0.0.1:{api.port}"
        asked = {"name": "ioc", "address": f"http://127.0.0.1:{port}/"}
        made = httpx.post(f"{url}/api/v1/webhooks", json=asked, timeout=30).json()
        with following(url, port, made["secret"], state):
            serve_citizens(api)
            eventually(lambda: counted(state) == dict.fromkeys(("pull", "push", "stream"), 72), 240)
            for kill, restart in (
                (api.process.kill, api.process.start),
                (worker.kill, worker.start),
                (database.kill, database.start),
            ):
                kill()
                if kill != database.kill:
                    rate_once(api)  # while it is away
                restart()
                eventually(lambda: answers(url), 120, retry=httpx.HTTPError, what="the API")
                if kill == worker.kill:  # one that never reached the database ends by itself
                    eventually(lambda: worker.output().count("worker_ready") == 2, 120)
                rate_once(api)
            eventually(lambda: set(counted(state).values()) == {77}, 240, what="all five ratings")
            eventually(lambda: differences(api, state) == [], 120, what="the same figures")


def answers(url: str) -> bool:
    return httpx.get(f"{url}/api/v1/snapshot", timeout=30).is_success


def held_by(state: Path) -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    if not state.exists():
        return {"pull": {}, "push": {}, "stream": {}}
    return json.loads(state.read_text(encoding="utf-8"))


def counted(state: Path) -> dict[str, object]:
    """Return how many ratings of the province each way holds."""
    held = held_by(state)
    return {way: held[way].get("province ratings", {}).get("n") for way in held}


def differences(api: Api, state: Path) -> list[object]:
    """Return in what a way differs from the API in the figures of today."""
    day = f"{now().astimezone(LOCAL_TIME):%Y-%m-%d}"
    parts = [api.get(f"/api/v1/readings?period={day}{by}") for by in ("", "&by=unit")]
    said = {
        f"{each['scope']} {each['kpi']}": each for part in parts for each in part.json()["readings"]
    }
    names = ("value", "low", "high", "n", "withheld")
    found = []
    for way, held in held_by(state).items():
        same_day = {key for key, each in held.items() if each["period"] == day}
        assert len(same_day & said.keys()) >= 15, way
        found += [
            (way, key, said[key], held[key])
            for key in same_day & said.keys()
            if [held[key].get(name) for name in names] != [said[key].get(name) for name in names]
        ]
    return found
