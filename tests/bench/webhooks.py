"""How soon receivers of webhooks hear of a rating at 600 counters, with 20 of them.

A real PostgreSQL and a real worker; a writer stores what 600 counters send and ten ratings a
second, and twenty receivers on loopback take every message. The delay is from the time of a rating,
just before its commit, until a receiver has the message that tells it. Run
`python -m tests.bench.webhooks`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import psutil
import psycopg
from psycopg import AsyncConnection

from motcua.local.postgres import run_postgres
from server.db.connection import session_conninfo
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.scopes import PROVINCE
from server.webhooks import store
from tests.bench.fanout import PLACES, add_units, writing
from tests.processes import motcua
from tests.server import build
from tests.waiting import eventually

RECEIVERS, UNTIL_STEADY_S, TARGET_S = 20, 15.0, 2.0


class Told(msgspec.Struct):
    """A reading, as far as the delay needs it."""

    kpi: str
    observed_at: datetime | None = None


class Entry(msgspec.Struct):
    """An entry likewise."""

    scope: str
    readings: list[Told]


class Data(msgspec.Struct):
    """The data of a message."""

    entries: list[Entry]


class Message(msgspec.Struct):
    """One message."""

    data: Data


class Delays:
    """What the receivers found; each scope's rating counts once for each receiver."""

    def __init__(self) -> None:
        self.found_s: list[float] = []
        self.bytes = self.messages = 0
        self._newest: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def take(self, receiver: str, body: bytes) -> None:
        """Note how long ago the ratings were that this message tells for the first time."""
        now = datetime.now(UTC)
        message = msgspec.json.decode(body, type=Message)
        with self._lock:
            self.bytes, self.messages = self.bytes + len(body), self.messages + 1
            for entry in message.data.entries:
                seen = [each.observed_at for each in entry.readings if each.kpi == "ratings"]
                if not seen or seen[0] is None:
                    continue
                key = (receiver, entry.scope)
                if self._newest.get(key) != seen[0]:
                    self._newest[key] = seen[0]
                    self.found_s.append((now - seen[0]).total_seconds())

    def begin(self) -> None:
        """Forget what came until now."""
        with self._lock:
            self.found_s, self.bytes, self.messages = [], 0, 0


@contextmanager
def rating(database_url: str) -> Iterator[None]:
    """Store ten ratings a second at counters by chance until the block ends."""
    ended = threading.Event()

    def work() -> None:
        chance = random.Random(2)
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not ended.wait(0.1):
                place = chance.choice(PLACES)
                message = build.rating(datetime.now(UTC), 5, address=place)
                write(connection, Batch(accepted=[build.accepted(message, place)]))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def receiver(delays: Delays) -> ThreadingHTTPServer:
    """Return a server that takes everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            delays.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


async def add_webhooks(database_url: str, port: int) -> None:
    """Add the receivers."""
    async with await AsyncConnection.connect(session_conninfo(database_url)) as connection:
        for number in range(RECEIVERS):
            add = partial(
                store.add_webhook, name=f"r{number}", scope=PROVINCE, now=datetime.now(UTC)
            )
            await add(connection, address=f"http://127.0.0.1:{port}/r{number}")


def main() -> None:
    """Print the delays beside the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    delays = Delays()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        Path(name).chmod(0o755)
        database = stack.enter_context(run_postgres(Path(name) / "pg"))
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
            add_units(connection)
        asyncio.run(add_webhooks(database.url, receiver(delays).server_port))
        os.environ["MOTCUA_WEBHOOK_NETWORKS"] = '["127.0.0.0/8"]'
        arguments = ("--database-url", database.url)
        with (
            writing(database.url),
            rating(database.url),
            motcua("server", "worker", *arguments, log=Path(name) / "worker.log") as worker,
        ):
            eventually(lambda: delays.messages >= RECEIVERS, 60, what="the first messages")
            time.sleep(UNTIL_STEADY_S)
            process = psutil.Process(worker.pid)
            before = process.cpu_times()
            delays.begin()
            time.sleep(options.seconds)
            after = process.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    twentieths = statistics.quantiles(delays.found_s, n=20)
    print(
        f"{RECEIVERS} receivers, {len(delays.found_s)} ratings told: median "
        f"{statistics.median(delays.found_s):.2f} s, p95 {twentieths[-1]:.2f} s; "
        f"{delays.messages / options.seconds / RECEIVERS:.1f} messages/s each of "
        f"{delays.bytes / max(1, delays.messages):,.0f} bytes; worker "
        f"{100 * cpu_s / options.seconds:.0f} % of a core"
    )
    if twentieths[-1] > TARGET_S:
        print(f"  missed: at most {TARGET_S:g} s (p95) are wanted")


if __name__ == "__main__":
    main()
