"""What other systems and cameras send appears in the API: clip → API, and `mosquitto_pub` → API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import psycopg
import pytest

from contract.identifiers import new_id
from contract.readings import DeviceReading, Reading, Withheld
from contract.topics import Address, Stream
from tests.processes import Motcua, free_port, motcua
from tests.waiting import eventually

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.integration,
    pytest.mark.usefixtures("today"),
    pytest.mark.timeout(300),
]

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
ADDRESS = Address(unit="phuong-kinh-bac", counter="quay-1", device="edge-1")

Start = Callable[..., Motcua]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process of the product; all are stopped at the end."""
    with ExitStack() as stack:

        def run(name: str, *args: str) -> Motcua:
            return stack.enter_context(motcua(*args, log=tmp_path / f"{name}.log"))

        yield run


@pytest.fixture
def api(start: Start, database_url: str, broker_url: str) -> Iterator[httpx.Client]:
    """A client of a running server: ingest and API on a fresh database."""
    port = free_port()
    ingest = start("ingest", "server", "ingest", "--database-url", database_url,
                   "--broker", broker_url)  # fmt: skip
    server = start(
        "api", "server", "api", "--trial", "--database-url", database_url, "--port", str(port)
    )
    eventually(lambda: "broker_connected" in ingest.output(), 60, what="ingest")
    eventually(lambda: "api_listening" in server.output(), 60, what="the API")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        # It listens before its first snapshot, and answers 503 until then.
        eventually(lambda: client.get("/api/v1/snapshot").is_success, 60, what="a snapshot")
        yield client


def publish(broker_url: str, topic: str, payload: bytes) -> None:
    """Publish as any other system would, with mosquitto's own client."""
    program = shutil.which("mosquitto_pub")
    if program is None:
        in_ci = os.environ.get("CI", "").lower() in {"1", "true"}
        (pytest.fail if in_ci else pytest.skip)("apt install mosquitto-clients")
    assert program is not None
    where = urlsplit(broker_url)
    subprocess.run(
        [program, "-h", str(where.hostname), "-p", str(where.port), "-q", "1", "-t", topic, "-s"],
        input=payload,
        check=True,
    )


def golden(stream: Stream) -> bytes:
    """Return the golden message as if it were observed now."""
    now = datetime.now(UTC)
    fields = json.loads((GOLDEN / f"{stream}.v1.json").read_bytes())
    return json.dumps(fields | {"id": str(new_id(now)), "observed_at": now.isoformat()}).encode()


def reading(api: httpx.Client, unit: str, kpi: str) -> Reading | None:
    answer = api.get("/api/v1/readings", params={"scope": f"subtree:{unit}", "kpi": kpi})
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    answer.raise_for_status()
    (found,) = msgspec.convert(answer.json()["readings"], list[Reading])
    return found


def test_golden_rating_from_mosquitto_pub_appears_in_the_api_once(api, broker_url):
    payload = golden(Stream.RATING)
    for _ in range(3):
        publish(broker_url, ADDRESS.topic(Stream.RATING), payload)
    counted = eventually(
        lambda: (one := reading(api, ADDRESS.unit, "ratings")) and one.n and one, 60
    )
    assert counted.value == 1
    assert counted.parts == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}


def test_golden_health_from_mosquitto_pub_shows_the_device_online(api, broker_url):
    publish(broker_url, ADDRESS.topic(Stream.HEALTH), golden(Stream.HEALTH))

    def devices() -> list[DeviceReading]:
        answer = api.get("/api/v1/devices")
        return msgspec.json.decode(answer.content, type=list[DeviceReading])

    (device,) = eventually(devices, 60)
    assert (device.unit, device.counter, device.device) == ("phuong-kinh-bac", "quay-1", "edge-1")
    assert device.online
    assert device.camera == "ok"


def test_message_that_cannot_be_understood_is_kept_with_its_reason(api, broker_url):
    fields = json.loads(golden(Stream.RATING)) | {"score": 9}
    publish(broker_url, ADDRESS.topic(Stream.RATING), json.dumps(fields).encode())
    (kept,) = eventually(lambda: api.get("/api/v1/quarantine").json(), 60)
    assert kept["refusal"] == "invalid_field"
    assert "score" in kept["reason"]


def test_people_in_a_recording_are_served_in_the_api(
    api, start, broker_url, database_url, shared, tmp_path
):
    """Bundled scene → detector → tracker → zones → outbox → MQTT → PostgreSQL → API."""
    config = tmp_path / "edge.toml"
    config.write_text(
        f'[device]\nunit = "clip"\ncounter = "quay-1"\ndevice = "edge-1"\n'
        f'[store]\npath = "{tmp_path}/edge.sqlite3"\nreserve_mb = 0\n'
        f'[broker]\nurl = "{broker_url}"\n'
    )
    start("relay", "edge", "relay", "--config", str(config))
    models = str(shared / "models")
    start("watch", "edge", "watch", "--config", str(config), "--models", models)
    mix = eventually(
        lambda: (
            (one := reading(api, "clip", "expression_mix"))
            and one.withheld is not Withheld.NO_DATA
            and one
        ),
        150,
        what="a visit with expressions",
    )
    assert mix.withheld is Withheld.SMALL_SAMPLE
    served = reading(api, "clip", "visits")
    assert served is not None
    assert served.n >= mix.n
    with psycopg.connect(database_url) as connection:
        stays = connection.execute("SELECT service_s FROM visit WHERE readings > 0").fetchall()
    assert stays
    assert all(2 < service_s < 60 for (service_s,) in stays)
