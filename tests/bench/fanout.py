"""What the stream costs at 600 counters in 120 units: bytes and CPU per client and change.

A real PostgreSQL and a real API process; a writer stores what 600 counters send (an observation
every 5 s with a queue of any length, a heartbeat every 10 s, a visit and a rating every 5 minutes),
and a process of its own reads the stream with 1, 20 and 200 clients of the province, then with 200
over 20 units, of which it tells how late each observation comes, and with 20 of one unit each. Run
`python -m tests.bench.fanout`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
from websockets.asyncio.client import connect

from contract.topics import Address
from motcua.local.postgres import run_postgres
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.processes import Motcua, free_port, motcua
from tests.server import build
from tests.waiting import eventually

UNITS, COUNTERS = 120, 5
TICK_S, OBSERVED_EVERY_S, HEARD_EVERY_S, SERVED_EVERY_S = 0.2, 5.0, 10.0, 300.0
TARGET_BYTES = 5_000
WATCHERS, SCOPES, TARGET_DELAY_S = 200, 20, 1.0
PLACES = [
    Address(unit=f"phuong-xa-{unit:03}", counter=f"quay-{counter}", device="edge-1")
    for unit in range(UNITS)
    for counter in range(COUNTERS)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run cost; bytes are those of the changes, not of the first message."""

    clients: int
    changes: float
    bytes_per_change: float
    cpu_ms_per_client_change: float
    cpu_share: float


def messages(tick: int, chance: random.Random) -> list:
    """Return what the counters send in one tick."""
    now = datetime.now(UTC)
    found = []
    for place, address in enumerate(PLACES):
        for every_s, make in (
            (OBSERVED_EVERY_S, lambda a: build.observation(now, chance.randrange(6), address=a)),
            (HEARD_EVERY_S, lambda a: build.health(now, address=a)),
            (SERVED_EVERY_S, lambda a: build.visit(now, 200.0, address=a, expression=build.mix())),
            (SERVED_EVERY_S, lambda a: build.rating(now, chance.randint(3, 5), address=a)),
        ):
            if (tick + place) % round(every_s / TICK_S) == 0:
                found.append(build.accepted(make(address), address))
    return found


def add_units(connection: psycopg.Connection) -> None:
    """Store the units: one that only messages name counts nowhere above itself."""
    for unit in sorted({place.unit for place in PLACES}):
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES (%s, %s, %s, true)",
            (unit, unit, unit),
        )


@contextmanager
def writing(database_url: str) -> Iterator[None]:
    """Store what the counters send until the block ends."""
    ended = threading.Event()

    def work() -> None:
        chance, tick = random.Random(1), 0
        with psycopg.connect(database_url, autocommit=True) as connection:
            due = time.monotonic()
            while not ended.wait(max(0.0, due - time.monotonic())):
                write(connection, Batch(accepted=messages(tick, chance)))
                tick, due = tick + 1, due + TICK_S

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


async def read_streams(urls: list[str], seconds: float) -> tuple[int, int]:
    """Return how many changes and bytes all clients got after their first message."""
    changes = total = 0

    async def read(url: str) -> None:
        nonlocal changes, total
        async with connect(url, max_size=None, compression=None) as socket:
            await socket.recv()
            ready.release()
            while True:
                text = await socket.recv()
                if '"since"' in text[:120]:
                    changes, total = changes + 1, total + len(text.encode())

    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(read(url)) for url in urls]
    for _ in urls:
        await ready.acquire()
    changes = total = 0
    await asyncio.sleep(seconds)
    result = (changes, total)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return result


def read_in_process(urls: list[str], seconds: float, answer: multiprocessing.Queue) -> None:
    """Put what `read_streams` returns into `answer`."""
    answer.put(asyncio.run(read_streams(urls, seconds)))


async def read_delays(urls: list[str], seconds: float) -> list[float]:
    """Return how old each newest observation was when a client got it, in seconds.

    The time includes that of storing it: a message is stamped before it is written.
    """
    delays: list[float] = []

    async def read(url: str) -> None:
        async with connect(url, max_size=None, compression=None) as socket:
            await socket.recv()
            ready.release()
            while True:
                update = json.loads(await socket.recv())
                now_s = time.time()
                told = [
                    datetime.fromisoformat(reading["observed_at"]).timestamp()
                    for reading in update.get("readings", ())
                    if reading["kpi"] == "people_waiting" and reading.get("observed_at")
                ]
                if "since" in update and told:
                    delays.append(now_s - max(told))

    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(read(url)) for url in urls]
    for _ in urls:
        await ready.acquire()
    delays.clear()
    await asyncio.sleep(seconds)
    found = list(delays)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def put_delays(urls: list[str], seconds: float, answer: multiprocessing.Queue) -> None:
    """Put what `read_delays` returns into `answer`."""
    answer.put(asyncio.run(read_delays(urls, seconds)))


def delays_in_process(urls: list[str], seconds: float) -> list[float]:
    """Return the delays as a process of its own sees them."""
    answer: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=put_delays, args=(urls, seconds, answer))
    process.start()
    delays = answer.get(timeout=seconds + 60)
    process.join()
    return delays


def measure(api: Motcua, urls: list[str], seconds: float) -> Cost:
    """Return what these clients cost over so many seconds."""
    answer: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=read_in_process, args=(urls, seconds, answer))
    server = psutil.Process(api.pid)
    before = server.cpu_times()
    process.start()
    changes, total = answer.get(timeout=seconds + 60)
    after = server.cpu_times()
    process.join()
    cpu_s = after.user + after.system - before.user - before.system
    return Cost(
        clients=len(urls),
        changes=changes / len(urls) / seconds,
        bytes_per_change=total / max(1, changes),
        cpu_ms_per_client_change=1000 * cpu_s / max(1, changes),
        cpu_share=cpu_s / seconds,
    )


def show(what: str, cost: Cost) -> None:
    """Print one row."""
    print(
        f"{what:34} {cost.clients:4} clients: {cost.changes:4.1f} changes/s, "
        f"{cost.bytes_per_change:7,.0f} bytes/change, "
        f"{cost.cpu_ms_per_client_change:6.2f} ms CPU per client and change, "
        f"{100 * cost.cpu_share:4.0f} % of a core",
        flush=True,
    )


def main() -> None:
    """Print the costs beside the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--province", type=int, nargs="*", default=(1, 20, 200))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        Path(name).chmod(0o755)
        database = stack.enter_context(run_postgres(Path(name) / "pg"))
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
            add_units(connection)
        port = free_port()
        arguments = ("--database-url", database.url, "--port", str(port))
        stream = f"ws://127.0.0.1:{port}/api/v1/stream?scope="
        with (
            writing(database.url),
            motcua("server", "api", "--trial", *arguments, log=Path(name) / "api.log") as api,
        ):
            eventually(lambda: "api_listening" in api.output(), 60)
            time.sleep(HEARD_EVERY_S + 2)  # until every counter has been heard
            first = asyncio.run(first_message(f"{stream}province"))
            print(
                f"whole province: {len(first):,} bytes, {len(json.loads(first)['places'])} places"
            )
            for clients in options.province:
                cost = measure(api, [f"{stream}province"] * clients, options.seconds)
                show("province and its units", cost)
                if cost.bytes_per_change > TARGET_BYTES:
                    print(f"  missed: at most {TARGET_BYTES:,} bytes a change are wanted")
            scopes = [f"{stream}subtree:{PLACES[i * COUNTERS].unit}" for i in range(SCOPES)]
            delays = delays_in_process(scopes * (WATCHERS // SCOPES), options.seconds)
            p95_s = sorted(delays)[round(0.95 * (len(delays) - 1))]
            print(
                f"{WATCHERS} clients over {SCOPES} units: {len(delays):,} observations reached "
                f"each who watches within {p95_s:.2f} s (95 %, wanted {TARGET_DELAY_S}), at most "
                f"{max(delays):.2f} s",
                flush=True,
            )
            units = [f"{stream}subtree:{PLACES[i * COUNTERS].unit}" for i in range(20)]
            show("one unit each", measure(api, units, options.seconds))


async def first_message(url: str) -> str:
    """Return the message with everything."""
    async with connect(url, max_size=None, compression=None) as socket:
        return str(await socket.recv())


if __name__ == "__main__":
    main()
