"""What a judgement costs at 600 counters, and how soon after a commit an alert stands there.

A real PostgreSQL with a province of 600 counters that all send; then one of its halls waits and
nobody serves. Run `python -m tests.bench.alerts`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg

from motcua.local.postgres import run_postgres
from server.alerts.evaluation import evaluate
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.bench.fanout import PLACES, add_units
from tests.server import asking, build

JUDGEMENTS = 30


def fill(database_url: str, now: datetime) -> None:
    """Store what every counter sends: windows, services of the last hours, and a heartbeat."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for place in PLACES:
            services = [
                build.visit(now - timedelta(minutes=6 * n + 1), 300.0, address=place)
                for n in range(10)
            ]
            health = build.health(now, address=place, camera="ok", outbox_depth=3)
            seen = build.observation(now, 2, address=place)
            messages = [*services, health, seen]
            write(connection, Batch(accepted=[build.accepted(each, place) for each in messages]))


def main() -> None:
    """Print milliseconds a judgement, and what it is made of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judgements", type=int, default=JUDGEMENTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        Path(folder).chmod(0o711)
        with run_postgres(Path(folder) / "pg") as server:
            with closing(psycopg.connect(server.url, autocommit=True)) as connection:
                migrate(connection)
                add_units(connection)
            now = datetime.now(UTC)
            fill(server.url, now)
            took_ms: list[float] = []
            for number in range(arguments.judgements):
                began_s = time.monotonic()
                at = now + timedelta(seconds=number / 10)
                asking.ask(server.url, partial(evaluate, channels=(), now=at))
                took_ms.append(1000 * (time.monotonic() - began_s))
    print(f"{len(PLACES)} counters, {arguments.judgements} judgements")
    print(f"first judgement   {took_ms[0]:8.0f} ms")
    print(f"median            {statistics.median(took_ms):8.0f} ms")
    print(f"worst of the rest {max(took_ms[1:]):8.0f} ms")
    print("an alert is raised within a second of coalescing and one judgement after its commit")


if __name__ == "__main__":
    main()
