"""How many cached readings one process of the API answers, and how long a year's hours take.

600 counters in 120 units: `python -m tests.bench.api`. The clients are plain sockets in a process
of their own, so that what is measured is the server; the year has ten hours a day at each counter.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import psycopg

from motcua.local.postgres import run_postgres
from server.db.migrations import migrate
from server.db.pool import Database, PoolSettings
from server.exports.jobs import write_export
from tests.bench.fanout import add_units
from tests.processes import free_port, motcua
from tests.waiting import eventually

CONNECTIONS = 20
WANTED_PER_S = 500
WANTED_EXPORT_S = 30
ASKED = "/api/v1/readings?kpi=ratings&kpi=share_satisfied&period=month&by=unit"

YEAR = """
WITH hours AS (
    SELECT day + make_interval(hours => opened) AS hour
    FROM
        generate_series(timestamptz '2025-01-01T00:00:00Z', '2025-12-31T00:00:00Z', '1 day') AS day,
        generate_series(0, 9) AS opened
), counters AS (
    SELECT 'phuong-xa-' || lpad((number / 5)::text, 3, '0') AS unit, 'quay-' || number % 5 AS id
    FROM generate_series(0, 599) AS number
), known AS (
    INSERT INTO counter (unit, id) SELECT unit, id FROM counters
), present AS (
    INSERT INTO presence_hourly (unit, counter, hour, last_seen, last_counted)
    SELECT unit, id, hour, hour, hour FROM counters, hours
), waited AS (
    INSERT INTO wait_hourly
        (unit, counter, hour, officer, family, bin, served, within_15, within_30, abandoned, newest)
    SELECT unit, id, hour, '', '', bin, 3, 2, 3, 0, hour
    FROM counters, hours, generate_series(100, 101) AS bin
)
INSERT INTO visit_hourly (unit, counter, hour, officer, family, visits, newest)
SELECT unit, id, hour, '', '', 6, hour FROM counters, hours
"""
"""A year in which every counter is open for ten hours a day."""


async def ask_repeatedly(port: int, path: str, seconds: float) -> int:
    """Return how often the path was answered over several connections."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    until_s = time.monotonic() + seconds
    answered = 0

    async def one() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until_s:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head[:300]
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            answered += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return answered


def ask_in_process(
    port: int, path: str, seconds: float, answer: multiprocessing.Queue[int]
) -> None:
    """Put what `ask_repeatedly` returns into `answer`."""
    answer.put(asyncio.run(ask_repeatedly(port, path, seconds)))


def measure_cached(database_url: str, folder: Path, seconds: float) -> None:
    """Print how many cached readings were answered a second."""
    port = free_port()
    arguments = ("--database-url", database_url, "--port", str(port))
    environment = {"MOTCUA_API_RATE": "0"}
    log = folder / "api.log"
    with motcua("server", "api", "--trial", *arguments, log=log, env=environment) as api:
        url = f"http://127.0.0.1:{port}{ASKED}"
        eventually(lambda: httpx.get(url, timeout=30).is_success, 60, retry=httpx.HTTPError)
        size = len(httpx.get(url, timeout=30).content)
        answer: multiprocessing.Queue[int] = multiprocessing.Queue()
        asking = multiprocessing.Process(target=ask_in_process, args=(port, ASKED, seconds, answer))
        server = psutil.Process(api.pid)
        before = server.cpu_times()
        asking.start()
        answered = answer.get(timeout=seconds + 60)
        after = server.cpu_times()
        asking.join()
        cpu_s = after.user + after.system - before.user - before.system
        print(
            f"cached readings of {size:,} bytes: {answered / seconds:,.0f}/s (wanted "
            f"{WANTED_PER_S}), {1000 * cpu_s / answered:.2f} ms CPU each",
            flush=True,
        )


def measure_export(database_url: str, formats: Sequence[str]) -> None:
    """Print how long a year's hours take to be written."""
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        began_s = time.monotonic()
        connection.execute("SET session_replication_role = replica")  # no triggers: it is a bench
        connection.execute(YEAR)
        connection.execute("ANALYZE")
        print(f"a year of 600 counters stored in {time.monotonic() - began_s:.0f} s", flush=True)
        for format_ in formats:
            id_ = uuid.uuid4()
            connection.execute(
                "INSERT INTO export (id, dataset, format, scope, period, step, language, asked_by) "
                "VALUES (%s, 'hours', %s, 'province', '2025', 'month', 'vi', 'bench')",
                (id_, format_),
            )
            began_s = time.monotonic()
            asyncio.run(write(database_url, id_))
            took_s = time.monotonic() - began_s
            row = connection.execute(
                "SELECT entries, bytes, problem FROM export WHERE id = %s", (id_,)
            ).fetchone()
            assert row is not None
            assert row[2] is None, row
            peak_mb = psutil.Process().memory_info().rss / 1e6
            print(
                f"{format_}: {row[0]:,} hours, {row[1] / 1e6:.1f} MB in {took_s:.1f} s (wanted "
                f"{WANTED_EXPORT_S}), {peak_mb:.0f} MB of memory afterwards",
                flush=True,
            )


async def write(database_url: str, id_: uuid.UUID) -> None:
    """Do what the worker does."""
    database = Database(database_url, PoolSettings())
    await database.open()
    try:
        await write_export(database, database_url, id_)
    finally:
        await database.close()


def main() -> None:
    """Print each figure beside what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", choices=("cached", "export"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with run_postgres(folder / "pg") as database:
            with closing(psycopg.connect(database.url, autocommit=True)) as connection:
                migrate(connection)
                add_units(connection)
            if options.only != "export":
                measure_cached(database.url, folder, options.seconds)
            if options.only != "cached":
                measure_export(database.url, ("parquet", "csv"))


if __name__ == "__main__":
    main()
