"""How long rankings take on a full-scale year, reading and draws included: medians of repetitions.

Loads the simulated province (113 units, 600 counters, a year) into a private database, which takes
minutes, or reads one that is given: `python -m tests.bench.rankings postgresql://...`.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import AsyncConnection

from motcua.history.loading import Plan, load
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from motcua.local.postgres import run_postgres
from server.db.connection import session, session_conninfo
from server.db.migrations import migrate
from server.options import MATRIX_THREADS, use_one_thread_for_matrices
from server.periods import Period, Step, today
from server.rankings.jobs import keep_all
from server.rankings.material import RankingQuestion, rank
from server.rankings.measures import Ranked
from server.rankings.store import read_material

ROUNDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with the most milliseconds that it may take."""

    what: str
    most_ms: float
    question: RankingQuestion


def cases(now: datetime) -> tuple[Case, ...]:
    """Return the questions of the aims, about the last quarter that is over."""
    quarter = Period.of(Step.QUARTER, today(now)).previous()
    kpi = "share_satisfied"
    return (
        Case(
            what="113 units, a quarter",
            most_ms=50,
            question=RankingQuestion(kpi=kpi, period=quarter),
        ),
        Case(
            what="600 counters, a quarter",
            most_ms=250,
            question=RankingQuestion(kpi=kpi, period=quarter, by=Ranked.COUNTER),
        ),
    )


async def measure(database_url: str) -> None:
    """Print the median of each case, with its parts."""
    now = datetime.now(UTC)
    where = session_conninfo(database_url)
    async with await AsyncConnection.connect(where, autocommit=True) as connection:
        for case in cases(now):
            reading, ranking = [], []
            for _ in range(ROUNDS):
                started_s = time.perf_counter()
                async with connection.transaction():
                    material = await read_material(connection, case.question, now)
                read_s = time.perf_counter()
                tables = await rank(material)
                ranking.append(1000 * (time.perf_counter() - read_s))
                reading.append(1000 * (read_s - started_s))
            members = sum(len(table.rows) for table in tables.values())
            took_ms = statistics.median(map(sum, zip(reading, ranking, strict=True)))
            met = "" if took_ms <= case.most_ms else "  MISSED"
            print(
                f"{case.what} ({members} members): {took_ms:.0f} ms, at most {case.most_ms:g} ms; "
                f"reading {statistics.median(reading):.0f}, ranking "
                f"{statistics.median(ranking):.0f}{met}"
            )


def _loaded() -> None:
    with TemporaryDirectory() as folder, run_postgres(Path(folder)) as server:
        now = datetime.now(UTC)
        end = today(now)
        first = end - timedelta(days=396)
        plan = Plan(first=first, end=end, raw_from=end - timedelta(days=7), seed=1)
        place = draw_province(1, 1.0)
        with session(server.url) as connection:
            migrate(connection)
            for progress in load(connection, place, draw_truths(place, ALL_AT_ONCE, 1), plan):
                print(f"{progress.days} of {progress.of_days} days")
        print(f"{asyncio.run(keep_all(server.url, now))} months of units kept")
        asyncio.run(measure(server.url))


def main() -> None:
    """Measure on the database that is named, else on one of its own."""
    if MATRIX_THREADS not in os.environ:  # numpy is loaded already: begin anew as the API begins
        use_one_thread_for_matrices()
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench.rankings", *sys.argv[1:]])
    if len(sys.argv) > 1:
        asyncio.run(measure(sys.argv[1]))
    else:
        _loaded()


if __name__ == "__main__":
    main()
