"""What judgements cost with a month and with a year of history, and what old events raise.

Two generated provinces of a tenth of the size, one with a month of history, one with a year. In a
process of its own each is judged on a Monday evening, when every look is made, then again and
again; its memory is that of a worker that judges. Then old messages come all at once, as after an
import, and the next week's evening is judged; then old dossiers are imported from a file, and the
week after is judged with them and, for comparison, without. Run
`python -m tests.bench.alerts_history`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
from server.dossiers.imports import dossiers
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.tabular.imports import Report, Watcher, import_file
from tests.bench.dossiers import COLUMNS
from tests.bench.fanout import PLACES
from tests.server import build

JUDGEMENTS = 30
MORNING = 80
"""Minutes from half past eight on: what has to last longest lasts an hour."""
HISTORIES = {"a month": "0.085", "a year": "1.0"}
BATCH = 2_000


def evening(weeks: int) -> datetime:
    """Return a Monday evening, after the last look of the day."""
    today = datetime.now(LOCAL_TIME).date()
    monday = today + timedelta(days=7 * weeks - today.weekday())
    return datetime.combine(monday, time_of_day(18, 0), LOCAL_TIME).astimezone(UTC)


def judge(url: str, now: datetime, judgements: int, *, kept: bool) -> None:
    """Print what judgements cost, the memory after them, and what they raised: at this moment, and
    through the next morning, for a condition has to last. Nothing sends here, and is silent.

    Unless `kept` nothing of it stays: it is what is raised without what comes next.
    """
    moments = [now + timedelta(seconds=number) for number in range(judgements)]
    opened = now + timedelta(hours=14, minutes=30)
    morning = [opened + timedelta(minutes=each) for each in range(MORNING)]
    took_ms, rows = asyncio.run(_judged(url, [*moments, *morning], kept=kept))
    peak_mb = _peak_mb()
    raised = ", ".join(f"{rule} {count}" for rule, count in rows if rule != "device_silent")
    print(
        f"  {'' if kept else 'for comparison: '}with all looks {took_ms[0]:6.0f} ms, then median"
        f" {statistics.median(took_ms[1:judgements]):5.0f} ms, peak memory {peak_mb:4.0f} MB;"
        f" raised by then and through {MORNING} minutes of the next morning: {raised or 'nothing'}",
        flush=True,
    )


def _peak_mb() -> float:
    """Return this process's peak of memory: getrusage tells that of whoever started it as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def _judged(
    url: str, moments: Sequence[datetime], *, kept: bool
) -> tuple[list[float], list[tuple[str, int]]]:
    """Return what judgements took, and how many alerts of each rule they raised."""
    took_ms: list[float] = []
    async with await AsyncConnection.connect(session_conninfo(url)) as connection:
        for moment in moments:
            began_s = time.monotonic()
            await evaluate(connection, (), moment)
            if kept:
                await connection.commit()
            took_ms.append(1000 * (time.monotonic() - began_s))
        cursor = await connection.execute(
            "SELECT rule, count(*) FROM alert WHERE raised_at >= %s GROUP BY 1 ORDER BY 1",
            [moments[0]],
        )
        rows = await cursor.fetchall()
        await connection.rollback()
    return took_ms, rows


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


def old_dossiers(count: int, units: Sequence[str], now: datetime) -> Iterator[tuple[str, ...]]:
    """Yield dossiers of one week of half a year ago: a third in time, one in thirty still open, the
    others two months late.
    """
    first = (now - timedelta(days=200)).astimezone(LOCAL_TIME).replace(hour=8)
    for number in range(count):
        received = first + timedelta(days=number % 7, seconds=number % 30_000)
        ended = received + timedelta(days=3 if number % 3 == 0 else 60)
        done = "" if number % 30 == 29 else f"{ended:%d/%m/%Y %H:%M:%S}"
        came, due = f"{received:%d/%m/%Y %H:%M:%S}", f"{received + timedelta(days=7):%d/%m/%Y}"
        unit = units[number % len(units)]
        code = f"CU.{number:08}"
        yield (code, "1.000001", "f1", unit, unit, "trực tiếp", "", came, due, came, done, done)


def import_dossiers(url: str, count: int, now: datetime) -> None:
    """Import old dossiers from a file, as `motcua dossiers import` does."""
    with psycopg.connect(session_conninfo(url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")
        units = [row[0] for row in connection.execute("SELECT id FROM unit ORDER BY id")]

    async def work(file: Path) -> Report:
        quiet = Watcher(notice=lambda _: None, rejected=print, progress=lambda _: None)
        where = session_conninfo(url)
        async with await AsyncConnection.connect(where, autocommit=True) as connection:
            return await import_file(connection, dossiers(), file, quiet)

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        file = Path(folder) / "dossiers.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(COLUMNS[:12])
            writer.writerows(old_dossiers(count, units, now))
        began_s = time.monotonic()
        report = asyncio.run(work(file))
    assert report.committed, report
    took_s = time.monotonic() - began_s
    print(f"  {count:,} old dossiers of {len(units)} units imported in {took_s:.0f} s", flush=True)


def main() -> None:
    """Print costs, memory, and alerts raised by what is old."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", nargs=2, metavar=("URL", "NOW"), help=argparse.SUPPRESS)
    parser.add_argument("--for-comparison", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--old", type=int, default=1_000_000)
    parser.add_argument("--old-dossiers", type=int, default=1_000_000)
    parser.add_argument("--scale", default="0.1")
    arguments = parser.parse_args()
    if arguments.judge:
        now = datetime.fromisoformat(arguments.judge[1])
        judge(arguments.judge[0], now, JUDGEMENTS, kept=not arguments.for_comparison)
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
                    _judge_apart(server.url, evening(2), kept=False)
                    import_dossiers(server.url, arguments.old_dossiers, evening(2))
                    _judge_apart(server.url, evening(2))


def _judge_apart(url: str, now: datetime, *, kept: bool = True) -> None:
    command = [sys.executable, "-m", "tests.bench.alerts_history", "--judge", url, now.isoformat()]
    subprocess.run([*command, *([] if kept else ["--for-comparison"])], check=True)


if __name__ == "__main__":
    main()
