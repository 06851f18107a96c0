"""200 walls and 50 desks on one dashboards process: delay, bytes, first paint, core.

A real PostgreSQL, API and dashboards; a writer stores what 600 counters in 120 units send (as
`fanout.py`). A process of its own holds the sockets of the walls, half of them of the province and
half of 20 units, all scenes in turn every 5 s instead of 25, and replays what an open units page
asks every 3 s for each desk. One more wall is a real browser: it shows a unit that only this script
writes to, and the delay is that from the commit of an observation to the changed queue in its DOM.
Run `python -m tests.bench.walls`; `walls_day.py` measures memory over a day.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
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
from tests.bench.fanout import COUNTERS, HEARD_EVERY_S, PLACES, add_units, writing
from tests.browser import open_browser
from tests.processes import Motcua, free_port, motcua
from tests.server import build
from tests.waiting import eventually

WALLS, DESKS, WATCHED_UNITS, DESK_ASKS_EVERY_S, TURN_S = 200, 50, 20, 3.0, 5
JOINING_S = 8.0
MEASURED = Address(unit="do-tre", counter="quay-1", device="edge-1")
TARGET_DELAY_S, TARGET_BYTES, TARGET_PAINT_S, TARGET_SCRIPTS_MB = 1.0, 5_000, 1.5, 0.8
WAITING = '[data-tile="waiting"] .figure'
_SHOWS = f"""count => {{
  const figure = document.querySelector('{WAITING}');
  return figure && figure.textContent.trim() === String(count);
}}"""


@dataclass(slots=True)
class Taken:
    """What the walls were sent, and how long desks waited."""

    changes: list[int] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who is there: the addresses of all walls' sockets, and what each desk asks."""

    walls: Sequence[str]
    desks: int
    desk_url: str
    desk_body: str


async def hold(crowd: Crowd, seconds: float) -> Taken:
    """Watch with all walls and ask with all desks for so long; nobody may be cut off."""
    taken = Taken()
    settled_s = time.monotonic() + JOINING_S

    async def watch(address: str) -> None:
        async with connect(address, max_size=None, compression=None) as socket:
            while True:
                text = str(await socket.recv())
                kind = text[:40].replace(" ", "")
                if time.monotonic() < settled_s or '"kind":"tick"' in kind:
                    continue
                sizes = taken.turns if '"kind":"whole"' in kind else taken.changes
                sizes.append(len(text.encode()))

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        await asyncio.sleep(DESK_ASKS_EVERY_S * number / max(1, crowd.desks))
        while True:
            began_s = time.monotonic()
            answer = await client.post(
                crowd.desk_url,
                content=crowd.desk_body,
                headers={"Content-Type": "application/json"},
            )
            answer.raise_for_status()
            taken.waits_s.append(time.monotonic() - began_s)
            await asyncio.sleep(max(0.0, DESK_ASKS_EVERY_S - taken.waits_s[-1]))

    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        tasks = [asyncio.create_task(watch(address)) for address in crowd.walls]
        tasks += [asyncio.create_task(ask(client, number)) for number in range(crowd.desks)]
        done, pending = await asyncio.wait(
            tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION
        )
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()
    return taken


def hold_in_process(crowd: Crowd, seconds: float, answer: multiprocessing.Queue) -> None:
    """Put what `hold` returns into `answer`."""
    answer.put(asyncio.run(hold(crowd, seconds)))


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
    """Return seconds until a fresh browser shows first figures, and its scripts in MB, gzipped."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    scripts: list[str] = []
    page.on(
        "request",
        lambda request: scripts.append(request.url) if request.resource_type == "script" else None,
    )
    began_s = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".tile .age:not(:empty)", timeout=60_000)
    painted_s = time.perf_counter() - began_s
    context.close()
    size = sum(len(gzip.compress(httpx.get(each, trust_env=False).content)) for each in scripts)
    return painted_s, size / 1e6


def delay_s(page: Page, connection: psycopg.Connection, waiting: int) -> float:
    """Return the seconds from the commit of a queue of so many until the page shows it."""
    now = datetime.now(UTC)
    seen = build.accepted(build.observation(now, waiting, address=MEASURED), MEASURED)
    write(connection, Batch(accepted=[seen]))
    committed_s = time.perf_counter()
    page.wait_for_function(_SHOWS, arg=waiting, polling="raf", timeout=20_000)
    return time.perf_counter() - committed_s


def wall_addresses(dashboards: str, walls: int) -> list[str]:
    """Return the sockets of walls: half of the province, half of twenty units."""
    live = f"{dashboards.replace('http', 'ws', 1)}/_live/wall?turn={TURN_S}"
    units = [PLACES[number * COUNTERS].unit for number in range(WATCHED_UNITS)]
    of_units = [f"{live}&scope=subtree:{unit}" for unit in units]
    return [
        live if number % 2 == 0 else of_units[number // 2 % WATCHED_UNITS]
        for number in range(walls)
    ]


def measure(screens: Motcua, url: str, database_url: str, options: argparse.Namespace) -> None:
    """Print every figure beside its aim."""
    with open_browser() as browser, psycopg.connect(database_url, autocommit=True) as connection:
        paints = [first_paint(browser, f"{url}/wall") for _ in range(3)]
        desk_url, desk_body = desk_request(browser, url)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{url}/wall?scope=subtree:{MEASURED.unit}&scenes=now&turn=120")
        delay_s(page, connection, 7)
        crowd = Crowd(
            walls=wall_addresses(url, options.walls),
            desks=options.desks,
            desk_url=desk_url,
            desk_body=desk_body,
        )
        answer: multiprocessing.Queue[Taken] = multiprocessing.Queue()
        process = multiprocessing.Process(
            target=hold_in_process, args=(crowd, options.seconds, answer)
        )
        process.start()
        time.sleep(JOINING_S)  # until every wall is there
        server, delays = psutil.Process(screens.pid), list[float]()
        before, began_s = server.cpu_times(), time.monotonic()
        while time.monotonic() - began_s < options.seconds - JOINING_S - 3:
            delays.append(delay_s(page, connection, 1 + len(delays) % 2))
            time.sleep(0.5)
        after, took_s = server.cpu_times(), time.monotonic() - began_s
        taken = answer.get(timeout=60)
        process.join()
    core = (after.user + after.system - before.user - before.system) / took_s
    _show(paints, delays, taken, core, crowd)


def _show(
    paints: list[tuple[float, float]], delays: list[float], taken: Taken, core: float, crowd: Crowd
) -> None:
    p95_s = statistics.quantiles(delays, n=20)[-1]
    print(
        f"load average {psutil.getloadavg()[0]:.1f}\n"
        f"first figures of a wall: {statistics.median(each for each, _ in paints):.2f} s (aim "
        f"{TARGET_PAINT_S}), scripts {paints[0][1]:.3f} MB gzipped (aim {TARGET_SCRIPTS_MB})\n"
        f"commit to changed number with {len(crowd.walls)} walls and {crowd.desks} desks, "
        f"{len(delays)} changes: median {statistics.median(delays):.2f} s, p95 {p95_s:.2f} s "
        f"(aim {TARGET_DELAY_S})\n"
        f"bytes a client and change: {statistics.mean(taken.changes):,.0f} on average of "
        f"{len(taken.changes):,}, at most {max(taken.changes):,} (aim {TARGET_BYTES:,}); a scene's "
        f"turn: {statistics.mean(taken.turns or [0]):,.0f}, at most "
        f"{max(taken.turns or [0]):,}\n"
        f"desk's refresh: median {statistics.median(taken.waits_s):.2f} s, p95 "
        f"{statistics.quantiles(taken.waits_s, n=20)[-1]:.2f} s of {len(taken.waits_s)}\n"
        f"dashboards: {100 * core:.0f} % of one core",
        flush=True,
    )


def main() -> None:
    """Start everything and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=45.0)
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
