"""How long readings take on a full-scale year: medians of repeated questions on one connection.

Loads the simulated province (113 units, 600 counters, a year) into a private database, which takes
minutes, or reads one that is given: `python -m tests.bench.readings postgresql://...`.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import AsyncConnection

from contract.readings import Timing
from motcua.history.loading import Plan, load
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from motcua.local.postgres import run_postgres
from server.db.connection import session, session_conninfo
from server.db.migrations import migrate
from server.facts.sources import Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.live.snapshots import SOURCES, SnapshotCache
from server.periods import NOW, Period, Step, day_of, today
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from server.units.store import read_tree

ROUNDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with the most milliseconds that it may take."""

    what: str
    most_ms: float
    questions: tuple[Question, ...]


def cases(now: datetime, unit: str) -> tuple[Case, ...]:
    """Return the questions of the aims, about periods that are over.

    All KPIs are those that the API answers where none are named; of the others, which read raw
    rows, no more is asked than that an answer comes before the API gives up.
    """
    quarter = Period.of(Step.QUARTER, today(now)).previous()
    month = Period.of(Step.MONTH, today(now)).previous()
    whole_year = Period.of(Step.YEAR, today(now))
    year = Period.range(today(now) - timedelta(days=365), today(now) - timedelta(days=1))
    kpis = kpis_named((), PROVINCE, year)
    on_request = tuple(
        kpi for kpi in CATALOGUE if kpi.source.on_request and kpi.source.timing is Timing.PERIOD
    )
    of_unit = [
        Question(kpis=kpis, scope=Scope.subtree(unit), period=period, step=Step.MONTH)
        for period in (quarter, quarter.previous(), quarter.a_year_earlier())
    ]
    return (
        Case(
            what="one KPI of 600 counters, a month",
            most_ms=50,
            questions=(
                Question(
                    kpis=(BY_ID["share_satisfied"],),
                    scope=PROVINCE,
                    period=month,
                    by=Breakdown.COUNTER,
                ),
            ),
        ),
        Case(
            what="all KPIs of one unit, a quarter, by month, with comparisons",
            most_ms=100,
            questions=tuple(of_unit),
        ),
        Case(
            what="all KPIs of 113 units, one year",
            most_ms=400,
            questions=(Question(kpis=kpis, scope=PROVINCE, period=whole_year, by=Breakdown.UNIT),),
        ),
        Case(
            what="all KPIs of 113 units, 365 days that begin in a month's middle, by quarter",
            most_ms=400,
            questions=(
                Question(
                    kpis=kpis, scope=PROVINCE, period=year, by=Breakdown.UNIT, step=Step.QUARTER
                ),
            ),
        ),
        Case(
            what="KPIs that are answered on request alone, of one unit, a quarter",
            most_ms=2000,
            questions=(Question(kpis=on_request, scope=Scope.of_unit(unit), period=quarter),),
        ),
    )


async def measure(database_url: str) -> None:
    """Print the median of each case."""
    now = datetime.now(UTC)
    where = session_conninfo(database_url)
    async with await AsyncConnection.connect(where, autocommit=True) as connection:
        tree = await read_tree(connection, today(now))
        unit = next(iter(tree.units))
        print(f"{len(tree.units)} units, {len(CATALOGUE)} KPIs; medians of {ROUNDS}")
        for case in cases(now, unit):
            spent = [await _ask(connection, case, now) for _ in range(ROUNDS)]
            _say(case.what, statistics.median(spent), case.most_ms)
        spent = await _changes(connection, now, unit)
        _say("all live KPIs of today after a change of one unit", statistics.median(spent), 30)


async def _ask(connection: AsyncConnection, case: Case, now: datetime) -> float:
    started_s = time.perf_counter()
    for question in case.questions:
        async with connection.transaction():
            await read_readings(connection, question, now)
    return 1000 * (time.perf_counter() - started_s)


async def _changes(connection: AsyncConnection, now: datetime, unit: str) -> list[float]:
    """Return how long reading one unit's facts and computing what they touch takes."""
    tree = await read_tree(connection, today(now))
    cache = SnapshotCache(first_revision=1)

    async def read(units: tuple[str, ...] | None) -> dict[str, object]:
        return {
            name: await read_facts(
                connection,
                source,
                Selection(units=units, period=NOW if source.timing is Timing.NOW else day_of(now)),
            )
            for name, source in SOURCES.items()
        }

    cache.replace_all(tree, await read(None), now)
    spent = []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        cache.change(frozenset({unit}), await read((unit,)), now, with_time=True)
        spent.append(1000 * (time.perf_counter() - started_s))
    return spent


def _say(what: str, took_ms: float, most_ms: float) -> None:
    met = "" if took_ms <= most_ms else "  MISSED"
    print(f"{what}: {took_ms:.0f} ms (at most {most_ms:g} ms){met}")


def _loaded(say: Callable[[str], None]) -> None:
    with TemporaryDirectory() as folder, run_postgres(Path(folder)) as server:
        now = datetime.now(UTC)
        end = today(now)
        plan = Plan(
            first=end - timedelta(days=396), end=end, raw_from=end - timedelta(days=7), seed=1
        )
        place = draw_province(1, 1.0)
        with session(server.url) as connection:
            migrate(connection)
            for progress in load(connection, place, draw_truths(place, ALL_AT_ONCE, 1), plan):
                say(f"{progress.days} of {progress.of_days} days")
        asyncio.run(measure(server.url))


def main() -> None:
    """Measure on the database that is named, else on one of its own."""
    if len(sys.argv) > 1:
        asyncio.run(measure(sys.argv[1]))
    else:
        _loaded(print)


if __name__ == "__main__":
    main()
