"""A day of a dashboards process in minutes: its memory after each eighth of the day.

A stand-in API tells the figures of 113 units every five seconds of a clock that runs as fast as the
dashboards can follow, so that scenes turn 3,456 times and midnight passes. Twenty walls watch, one
of which leaves and comes back every minute of that clock, and a desk asks for the units page. Run
`python -m tests.bench.walls_day`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from websockets.asyncio.client import connect

from tests.bench.walls import desk_request
from tests.browser import open_browser
from tests.dashboards.examples import many_units, province, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import StandInApi, served
from tests.processes import free_port, motcua
from tests.waiting import eventually

UNITS, WALLS, EIGHTHS = 113, 20, 8
EVERY_S, REJOINS_EVERY = 5.0, 12
CHANGED = 12
"""How many units have new figures every five seconds."""
MORNING = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


class Walls:
    """Walls in a thread of their own: how much they got, and one that comes back."""

    def __init__(self, address: str, walls: int) -> None:
        self.got = 0
        self.joined = 0
        self._address, self._walls = address, walls
        self._loop = asyncio.new_event_loop()
        self._tasks: list[asyncio.Task[None]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the block ends."""
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        for _ in range(self._walls):
            self._call(self._join)
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._leave_all(), self._loop).result(30)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def rejoin(self) -> None:
        """Let the eldest go, and another come."""
        self._call(lambda: (self._tasks.pop(0).cancel(), self._join()))

    def _call(self, act: object) -> None:
        self._loop.call_soon_threadsafe(act)  # type: ignore[arg-type]

    def _join(self) -> None:
        self._tasks.append(self._loop.create_task(self._watch()))

    async def _leave_all(self) -> None:
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        async with connect(self._address, max_size=None, compression=None) as socket:
            self.joined += 1
            while True:
                await socket.recv()
                self.got += 1


def main() -> None:
    """Print the memory after each eighth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    options = parser.parse_args()
    changes = round(options.hours * 3600 / EVERY_S)
    units = many_units(UNITS, at=MORNING)
    others = many_units(UNITS, seed=2, at=MORNING)
    with tempfile.TemporaryDirectory() as name, open_browser() as browser:
        api = StandInApi(CATALOGUE, situation(units, head=province(at=MORNING), at=MORNING))
        api.beats = False
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        shown = ("--api-url", api.url, "--port", str(port), "--trial")
        with served(api), motcua("dashboards", *shown, log=Path(name) / "screens.log") as screens:
            eventually(lambda: "dashboards_listening" in screens.output(), 120)
            desk_url, desk_body = desk_request(browser, url)
            walls = Walls(f"ws://127.0.0.1:{port}/_live/wall", WALLS)
            process = psutil.Process(screens.pid)
            began_s, memory = time.monotonic(), [process.memory_info().rss / 1e6]
            with walls.watching(), httpx.Client(trust_env=False, timeout=30) as desk:
                eventually(lambda: walls.joined >= WALLS, 60, what="all walls")
                for change in range(1, changes + 1):
                    at = MORNING + timedelta(seconds=EVERY_S * change)
                    first = change % (UNITS - CHANGED)
                    new = others if change // (UNITS - CHANGED) % 2 == 0 else units
                    now = (*units[:first], *new[first : first + CHANGED], *units[first + CHANGED :])
                    before = walls.got
                    api.publish(
                        replace(situation(now, head=province(at=at, waiting=change % 300), at=at))
                    )
                    eventually(lambda: walls.got >= before + WALLS, 30)  # noqa: B023
                    if change % REJOINS_EVERY == 0:
                        walls.rejoin()
                        desk.post(
                            desk_url,
                            content=desk_body,
                            headers={"Content-Type": "application/json"},
                        ).raise_for_status()
                    if change % (changes // EIGHTHS) == 0:
                        memory.append(process.memory_info().rss / 1e6)
                        print(f"{at:%H:%M} {memory[-1]:.0f} MB", flush=True)
            took_s = time.monotonic() - began_s
    print(
        f"{options.hours:.0f} hours in {took_s:.0f} s: {changes:,} changes of {UNITS} units, "
        f"{walls.joined:,} walls that came, {walls.got:,} messages; memory "
        f"{' '.join(f'{each:.0f}' for each in memory)} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
