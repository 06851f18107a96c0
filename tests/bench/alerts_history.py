"""What judgements cost with a month and with a year of history, and what old events raise.

Two generated provinces of a tenth of the size, one with a month of history, one with a year. In a
process of its own each is judged on a Monday evening, when every look is made, then again and
again; its memory is that of a worker that judges. Then old messages come all at once, as after an
import, and the next evening is judged. Run `python -m tests.bench.alerts_history`.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from contract.messages import Upstream
from contract.topics import Address
from motcua.local.postgres import run_postgres
from server.alerts.evaluation import evaluate
from server.db.connection import session_conninfo
from server.db.migrations import migrate
from server.ingest.batch import Batch
from server.ingest.writer import write
from tests.bench.fanout import PLACES
from tests.server import build

JUDGEMENTS = 30
HISTORIES = {"a month": "0.085", "a year": "1.0"}
BATCH = 2_000


def evening(weeks: int) -> datetime:
    """Return a Monday evening, after the last look of the day."""
    today = datetime.now(LOCAL_TIME).date()
    monday = today + timedelta(days=7 * weeks - today.weekday())
    return datetime.combine(monday, time_of_day(18, 0), LOCAL_TIME).astimezone(UTC)


def judge(url: str, now: datetime, judgements: int) -> None:
    """Print what judgements cost, the memory after them, and what they raised."""

    async def work() -> list[float]:
        took_ms: list[float] = []
        async with await AsyncConnection.connect(session_conninfo(url)) as connection:
            for number in range(judgements):
                began_s = time.monotonic()
                await evaluate(connection, (), now + timedelta(seconds=number))
                await connection.commit()
                took_ms.append(1000 * (time.monotonic() - began_s))
        return took_ms

    took_ms = asyncio.run(work())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM alert WHERE raised_at >= %s", [now])
        ((raised,),) = row.fetchall()
    print(
        f"  with all looks {took_ms[0]:6.0f} ms, then median"
        f" {statistics.median(took_ms[1:]):5.0f} ms, peak memory {peak_mb:4.0f} MB,"
        f" {raised} alerts raised",
        flush=True,
    )


def old_messages(count: int, now: datetime) -> Iterator[tuple[Upstream, Address]]:
    """Yield messages of half a year ago that would each raise something if they were of now."""
    begun = now - timedelta(days=200)
    for number in range(count):
        place, at = PLACES[number % len(PLACES)], begun + timedelta(seconds=number / 4)
        match number % 4:
            case 0:
                yield build.observation(at, 40, address=place), place
            case 1:
                yield build.health(at, address=place, camera="covered", outbox_depth=90_000), place
            case 2:
                yield build.visit(at, 3_000.0, address=place), place
            case _:
                yield build.rating(at, 1, address=place), place


def import_old(url: str, count: int, now: datetime) -> None:
    """Store old messages as ingest does, all at once."""
    began_s = time.monotonic()
    waiting = old_messages(count, now)
    with psycopg.connect(session_conninfo(url), autocommit=True) as connection:
        while batch := list(islice(waiting, BATCH)):
            write(connection, Batch(accepted=[build.accepted(*each) for each in batch]))
        connection.execute("UPDATE unit SET accepted = true")
    print(f"  {count:,} old messages stored in {time.monotonic() - began_s:.0f} s", flush=True)


def main() -> None:
    """Print costs, memory, and alerts raised by what is old."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", nargs=2, metavar=("URL", "NOW"), help=argparse.SUPPRESS)
    parser.add_argument("--old", type=int, default=1_000_000)
    parser.add_argument("--scale", default="0.1")
    arguments = parser.parse_args()
    if arguments.judge:
        judge(arguments.judge[0], datetime.fromisoformat(arguments.judge[1]), JUDGEMENTS)
        return
    for name, years in HISTORIES.items():
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
            Path(folder).chmod(0o711)
            with run_postgres(Path(folder) / "pg") as server:
                with closing(psycopg.connect(server.url, autocommit=True)) as connection:
                    migrate(connection)
                history = ["simulate", "history", "--years", years, "--scale", arguments.scale]
                given = ["--dossiers", "0.2", "--raw-days", "30", "--database-url", server.url]
                command = [sys.executable, "-m", "motcua.cli", *history, *given]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                print(f"{name} of history")
                _judge_apart(server.url, evening(0))
                if years == HISTORIES["a year"]:
                    import_old(server.url, arguments.old, evening(1))
                    _judge_apart(server.url, evening(1))


def _judge_apart(url: str, now: datetime) -> None:
    command = [sys.executable, "-m", "tests.bench.alerts_history", "--judge", url, now.isoformat()]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
