"""200 walls and 50 desks on one dashboards process: delay, bytes, core and memory.

A real PostgreSQL, API and dashboards; a writer stores what 600 counters in 120 units send (as
`fanout.py`). A process of its own holds the walls' sockets as a browser does, each of the province
with all scenes, and replays what an open units page asks every 3 s for each desk. One wall is a
real browser: it watches a unit that only this script writes to, and the delay is that from the
commit of a rating to the changed number in its DOM. Scenes turn every 3 s instead of 25, so that a
minute has the turns of eight. Run `python -m tests.bench.walls`.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import psycopg
from playwright.sync_api import Browser, Page
from websockets.asyncio.client import connect

from contract.topics import Address
from motcua.local.postgres import run_postgres
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.bench.fanout import HEARD_EVERY_S, add_units, writing
from tests.browser import open_browser
from tests.processes import Motcua, free_port, motcua
from tests.server import build
from tests.waiting import eventually

WALLS, DESKS, DESK_ASKS_EVERY_S, TURN_S = 200, 50, 3.0, 3
MEASURED = Address(unit="do-tre", counter="quay-1", device="edge-1")
TARGET_DELAY_S, TARGET_BYTES, TARGET_PAINT_S, TARGET_SCRIPTS_MB = 1.0, 5_000, 1.5, 0.8
_N = """() => {
  const notes = [...document.querySelectorAll('[data-tile="satisfied"] .note')];
  const n = notes.map((note) => note.textContent.match(/n = (\\d+)/)).find(Boolean);
  return n ? Number(n[1]) : 0;
}"""


@dataclass(slots=True)
class Taken:
    """What the walls were sent, and how long desks waited."""

    messages: int = 0
    total_bytes: int = 0
    largest: int = 0
    waits_s: list[float] = field(default_factory=list)


async def hold(wall: str, desk: str, body: str, seconds: float, crowd: tuple[int, int]) -> Taken:
    """Watch with all walls and ask with all desks for so long."""
    taken = Taken()

    async def watch() -> None:
        async with connect(wall, max_size=None, compression=None) as socket:
            while True:
                text = str(await socket.recv())
                if '"kind": "tick"' in text[:40] or '"kind":"tick"' in text[:40]:
                    continue
                size = len(text.encode())
                taken.messages += 1
                taken.total_bytes += size
                taken.largest = max(taken.largest, size)

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        await asyncio.sleep(DESK_ASKS_EVERY_S * number / max(1, crowd[1]))
        while True:
            began = time.monotonic()
            answer = await client.post(
                desk, content=body, headers={"Content-Type": "application/json"}
            )
            answer.raise_for_status()
            taken.waits_s.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, DESK_ASKS_EVERY_S - (time.monotonic() - began)))

    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        tasks = [asyncio.create_task(watch()) for _ in range(crowd[0])]
        tasks += [asyncio.create_task(ask(client, number)) for number in range(crowd[1])]
        done, pending = await asyncio.wait(tasks, timeout=seconds)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()  # nobody may have been cut off
    return taken


def hold_in_process(
    wall: str, desk: str, body: str, seconds: float, crowd: tuple[int, int], answer: object
) -> None:
    """Put what `hold` returns into the queue `answer`."""
    answer.put(asyncio.run(hold(wall, desk, body, seconds, crowd)))  # type: ignore[attr-defined]


def desk_request(browser: Browser, dashboards: str) -> tuple[str, str]:
    """Return address and body of what an open units page asks again and again."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    with page.expect_request(
        lambda request: (
            "_dash-update-component" in request.url and "units-refresh" in (request.post_data or "")
        ),
        timeout=60_000,
    ) as found:
        page.goto(f"{dashboards}/units")
    request = found.value
    page.close()
    return request.url, request.post_data or ""


def first_paint(browser: Browser, address: str) -> tuple[float, float]:
    """Return seconds until a fresh browser shows a wall's first figures, and its scripts' MB."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    scripts: list[float] = []
    page.on(
        "requestfinished",
        lambda request: (
            scripts.append(request.sizes()["responseBodySize"])
            if request.resource_type == "script"
            else None
        ),
    )
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".tile .age:not(:empty)", timeout=60_000)
    painted_s = time.perf_counter() - began
    context.close()
    return painted_s, sum(scripts) / 1e6


class Ratings:
    """Stores ratings of the measured unit one at a time."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def store(self) -> float:
        """Store one; return the moment after its commit."""
        now = datetime.now(UTC)
        rating = build.accepted(build.rating(now, 5, address=MEASURED), MEASURED)
        write(self._connection, Batch(accepted=[rating]))
        return time.perf_counter()


def delay_s(page: Page, ratings: Ratings) -> float:
    """Return the seconds from a commit to the changed number in the page."""
    before = page.evaluate(_N)
    committed_s = ratings.store()
    page.wait_for_function(f"n => ({_N})() > n", arg=before, polling="raf", timeout=20_000)
    return time.perf_counter() - committed_s


@contextmanager
def sampling(process: psutil.Process, every_s: float = 2.0) -> Iterator[list[float]]:
    """Yield the list to which the process's memory in MB is added until the block ends."""
    found: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(every_s):
            found.append(process.memory_info().rss / 1e6)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def measure(screens: Motcua, url: str, database_url: str, options: argparse.Namespace) -> None:
    """Print every figure beside its aim."""
    with open_browser() as browser, psycopg.connect(database_url, autocommit=True) as connection:
        paints = [first_paint(browser, f"{url}/wall") for _ in range(3)]
        desk, body = desk_request(browser, url)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{url}/wall?scope=subtree:{MEASURED.unit}&scenes=now&turn=120")
        ratings = Ratings(connection)
        for _ in range(31):  # fewer are too small a sample to be shown
            ratings.store()
        page.wait_for_function(f"() => ({_N})() > 30", timeout=60_000)
        answer: multiprocessing.Queue[Taken] = multiprocessing.Queue()
        wall = f"{url.replace('http', 'ws', 1)}/_live/wall?turn={TURN_S}"
        crowd = (options.walls, options.desks)
        process = multiprocessing.Process(
            target=hold_in_process, args=(wall, desk, body, options.seconds, crowd, answer)
        )
        server = psutil.Process(screens.pid)
        before, began = server.cpu_times(), time.monotonic()
        with sampling(server) as memory:
            process.start()
            time.sleep(8)  # until every wall is there
            delays = []
            while time.monotonic() - began < options.seconds - 3:
                delays.append(delay_s(page, ratings))
            taken = answer.get(timeout=60)
        process.join()
        after, took_s = server.cpu_times(), time.monotonic() - began
    core = (after.user + after.system - before.user - before.system) / took_s
    _show(paints, delays, taken, core, memory, crowd)


def _show(
    paints: list[tuple[float, float]],
    delays: list[float],
    taken: Taken,
    core: float,
    memory: list[float],
    crowd: tuple[int, int],
) -> None:
    p95_s = statistics.quantiles(delays, n=20)[-1]
    half = len(memory) // 2
    print(
        f"load average {psutil.getloadavg()[0]:.1f}\n"
        f"first figures of a wall: {statistics.median(each for each, _ in paints):.2f} s (aim "
        f"{TARGET_PAINT_S}), scripts {paints[0][1]:.3f} MB as sent (aim {TARGET_SCRIPTS_MB})\n"
        f"commit to changed number with {crowd[0]} walls and {crowd[1]} desks, {len(delays)} "
        f"changes: median {statistics.median(delays):.2f} s, p95 {p95_s:.2f} s "
        f"(aim {TARGET_DELAY_S})\n"
        f"bytes a client and message: {taken.total_bytes / max(1, taken.messages):,.0f} on "
        f"average, at most {taken.largest:,} (aim {TARGET_BYTES:,} a change)\n"
        f"desk's refresh: median {statistics.median(taken.waits_s):.2f} s of "
        f"{len(taken.waits_s)}\n"
        f"dashboards: {100 * core:.0f} % of one core; memory {statistics.mean(memory[:half]):.0f} "
        f"MB in the first half, {statistics.mean(memory[half:]):.0f} MB in the second",
        flush=True,
    )


def main() -> None:
    """Start everything and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--walls", type=int, default=WALLS)
    parser.add_argument("--desks", type=int, default=DESKS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        database = stack.enter_context(run_postgres(folder / "pg"))
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
            add_units(connection)
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES (%s, %s, %s, true)",
                (MEASURED.unit, MEASURED.unit, MEASURED.unit),
            )
        ports = free_port(), free_port()
        api_url, url = (f"http://127.0.0.1:{port}" for port in ports)
        at = ("--database-url", database.url, "--port", str(ports[0]))
        stack.enter_context(writing(database.url))
        api = stack.enter_context(motcua("server", "api", "--trial", *at, log=folder / "api.log"))
        eventually(lambda: "api_listening" in api.output(), 120)
        shown = ("--api-url", api_url, "--port", str(ports[1]), "--trial")
        screens = stack.enter_context(motcua("dashboards", *shown, log=folder / "screens.log"))
        eventually(lambda: "dashboards_listening" in screens.output(), 120)
        time.sleep(HEARD_EVERY_S)  # until every counter has been heard
        measure(screens, url, database.url, options)


if __name__ == "__main__":
    main()
