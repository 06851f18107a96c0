"""Background jobs of rankings: months of cells are kept, and confidence sets of ranks computed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import structlog
from procrastinate import App
from psycopg import AsyncConnection

from runtime.sql import statements
from server.db.connection import async_session
from server.jobs import nightly
from server.periods import Period, Step, today
from server.rankings.casemix import standardise
from server.rankings.confidence_sets import simultaneous_sets
from server.rankings.kept import Wanted, keep_months
from server.rankings.material import Material, RankingQuestion
from server.rankings.measures import MEASURES
from server.rankings.store import read_material
from server.rankings.tables import RANK_MINIMUM_N

_KEPT = statements("server.rankings", "kept.sql")
_MONTHS_BACK = 15
"""A quarter is compared with that of a year before."""

AT = time(0, 40)
EVERY_TEN_MINUTES = "*/10 * * * *"

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the tasks of rankings to `app`."""

    @app.periodic(cron=EVERY_TEN_MINUTES)
    @app.task(name="rankings.keep_months", queueing_lock="rankings.keep_months")
    async def keep(timestamp: int) -> None:
        del timestamp
        kept = await keep_all(database_url, datetime.now(UTC))
        if kept:
            log.info("months_kept", months=kept)

    @app.periodic(cron=nightly(AT))
    @app.task(name="rankings.compute_sets", queueing_lock="rankings.compute_sets")
    async def compute(timestamp: int) -> None:
        del timestamp
        sets = await compute_sets(database_url, datetime.now(UTC))
        log.info("rank_sets_computed", sets=sets)


async def keep_all(database_url: str, now: datetime) -> int:
    """Keep the cells of every source up to yesterday; return how many units' months were kept."""
    end = today(now)
    first = end.replace(day=1)
    for _ in range(_MONTHS_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    kept = 0
    async with async_session(database_url) as connection:
        for measured in MEASURES.values():
            for by in sorted(measured.by):
                wanted = Wanted(source=measured.source, by=by, first=first, end=end)
                kept += await keep_months(connection, wanted)
    return kept


async def compute_sets(database_url: str, now: datetime) -> int:
    """Compute the confidence sets of last month and last quarter, of units; return how many."""
    sets = 0
    async with async_session(database_url) as connection:
        for kpi in MEASURES:
            for step in (Step.MONTH, Step.QUARTER):
                period = Period.of(step, today(now)).previous()
                question = RankingQuestion(kpi=kpi, period=period)
                material = await read_material(connection, question, now, patient=True)
                sets += await _keep_sets(connection, material)
    return sets


async def _keep_sets(connection: AsyncConnection, material: Material) -> int:
    question, kept = material.question, 0
    for kind, cells in material.cells.items():
        n, k = cells.totals
        ranked = [index for index, each in enumerate(n) if each >= RANK_MINIMUM_N]
        if len(ranked) < 2:
            continue
        table = standardise(cells.of(ranked))
        error = (table.error_sd**2 + table.mix_sd**2) ** 0.5
        sets = await asyncio.to_thread(simultaneous_sets, table.adjusted, error, seed=question.seed)
        await connection.execute(
            _KEPT["keep_sets"],
            {
                "kpi": question.kpi,
                "period": str(question.period),
                "kind": kind,
                "unit": [cells.members[index] for index in ranked],
                "n": n[ranked].tolist(),
                "k": k[ranked].tolist(),
                "low": [each.low for each in sets],
                "high": [each.high for each in sets],
            },
        )
        kept += len(ranked)
    return kept
