"""A million dossiers from CSV beside a plain COPY of the same file, and how fast figures are read.

The import reads, checks and stores every row with its state and totals; COPY only stores the texts.
Run `python -m tests.bench.dossiers`, or with `--rows N`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from motcua.local.postgres import run_postgres
from server.db.connection import session_conninfo
from server.db.migrations import migrate
from server.dossiers.imports import dossiers
from server.kpi.catalogue import complaints as complaint_kpis
from server.kpi.catalogue import dossiers as dossier_kpis
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from server.tabular.imports import Watcher, import_file

UNITS = 113
PROCEDURES_A_UNIT = 80
WITHIN_S = 180.0
COLUMNS = (
    "code", "procedure", "family", "receiving_unit", "resolving_unit", "channel", "officer",
    "received_at", "promised_at", "accepted_at", "processed_at", "returned_at", "fee_due",
    "paid_online", "digitised", "result_digitised",
)  # fmt: skip


def rows(count: int, now: datetime) -> Iterator[tuple[str, ...]]:
    """Yield `count` dossiers of the year before `now`, as the source's system lists them."""
    chance = random.Random(1)
    first = now.astimezone(LOCAL_TIME).replace(hour=8, minute=0) - timedelta(days=365)
    for number in range(count):
        received = first + timedelta(days=number * 365 // count, seconds=chance.randrange(30_000))
        ended = received + timedelta(days=chance.expovariate(1 / 5))
        done = ended < now
        unit = chance.randrange(UNITS)
        resolving = unit if chance.random() < 0.95 else chance.randrange(UNITS)
        procedure = (unit * 7 + int(chance.expovariate(1 / 15)) % PROCEDURES_A_UNIT) % 300
        yield (
            f"G09.20-{received:%Y%m%d}-{number:07}",
            f"1.{procedure:06}",
            f"f{procedure % 25}",
            f"u{unit}",
            f"u{resolving}",
            chance.choice(("trực tiếp", "trực tuyến", "bưu chính")),
            f"CB-{unit * 8 + chance.randrange(8)}",
            f"{received:%d/%m/%Y %H:%M:%S}",
            f"{received + timedelta(days=7):%d/%m/%Y}",
            f"{received:%d/%m/%Y %H:%M:%S}",
            f"{ended:%d/%m/%Y %H:%M:%S}" if done else "",
            f"{ended + timedelta(hours=3):%d/%m/%Y %H:%M:%S}" if done else "",
            chance.choice(("có", "không")),
            chance.choice(("có", "không")),
            chance.choice(("có", "không")),
            chance.choice(("có", "không")),
        )


def write(path: Path, count: int) -> None:
    """Write the CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, datetime.now(UTC)))


def copy_plainly(database_url: str, path: Path) -> float:
    """Return the seconds that COPY takes to store the file's texts."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE plain ({', '.join(f'{name} text' for name in COLUMNS)})")
        began = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY plain FROM STDIN (FORMAT csv, HEADER)") as copy,
            path.open("rb") as file,
        ):
            while part := file.read(1 << 20):
                copy.write(part)
        took_s = time.perf_counter() - began
        connection.execute("DROP TABLE plain")
    return took_s


async def import_all(database_url: str, path: Path) -> tuple[float, float]:
    """Return the seconds of the import and how much memory it took more at its end, in MB."""
    where = session_conninfo(database_url)
    quiet = Watcher(notice=print, rejected=print, progress=lambda _: None)
    async with await AsyncConnection.connect(where, autocommit=True) as connection:
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        report = await import_file(connection, dossiers(), path, quiet)
        took_s = time.perf_counter() - began
    assert report.committed, report
    after_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return took_s, (after_kb - before_kb) / 1024


async def read_all(database_url: str) -> None:
    """Print the medians of what screens ask."""
    now = datetime.now(UTC)
    kpis = tuple(
        kpi for kpi in (*dossier_kpis.KPIS, *complaint_kpis.KPIS) if kpi.source.timing == "period"
    )
    year = Period.range((now - timedelta(days=364)).date(), now.date())
    whole_year = Period.parse(str(now.year), now)
    quarter = Period.parse("quarter", now).previous()
    questions = {
        "all of 113 units, calendar year (aim 400 ms)": Question(
            kpis=kpis, scope=PROVINCE, period=whole_year, by=Breakdown.UNIT
        ),
        "all of 113 units, last 365 days, by quarter": Question(
            kpis=kpis, scope=PROVINCE, period=year, by=Breakdown.UNIT, step=Step.QUARTER
        ),
        "all of one unit, a quarter by month (aim 100 ms)": Question(
            kpis=kpis, scope=Scope.of_unit("u1"), period=quarter, step=Step.MONTH
        ),
        "all of the province by family, a quarter": Question(
            kpis=tuple(k for k in kpis if "family" in k.source.dimensions),
            scope=PROVINCE,
            period=quarter,
            by=Breakdown.FAMILY,
        ),
        "all of the province, today": Question(
            kpis=kpis, scope=PROVINCE, period=Period.parse("day", now)
        ),
    }
    where = session_conninfo(database_url)
    async with await AsyncConnection.connect(where, autocommit=True) as connection:
        await connection.execute("ANALYZE")
        for name, question in questions.items():
            times = []
            for _ in range(7):
                began = time.perf_counter()
                await read_readings(connection, question, now)
                times.append(time.perf_counter() - began)
            print(f"{name}: {statistics.median(times) * 1000:.0f} ms")


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder,
        run_postgres(Path(folder) / "postgres") as server,
    ):
        path = Path(folder, "dossiers.csv")
        write(path, options.rows)
        with psycopg.connect(server.url, autocommit=True) as connection:
            migrate(connection)
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en, kind) "
                f"SELECT 'u' || i, 'u', 'u', 'ward' FROM generate_series(0, {UNITS - 1}) AS i"
            )
        plain_s = copy_plainly(server.url, path)
        took_s, grown_mb = asyncio.run(import_all(server.url, path))
        print(
            f"import: {options.rows:,} dossiers in {took_s:.1f} s "
            f"(aim {WITHIN_S:.0f} s a million), {options.rows / took_s:,.0f} rows/s, "
            f"{grown_mb:.0f} MB more; plain COPY {plain_s:.1f} s, "
            f"{options.rows / plain_s:,.0f} rows/s"
        )
        asyncio.run(read_all(server.url))


if __name__ == "__main__":
    main(sys.argv[1:])
