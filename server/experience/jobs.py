"""Background jobs of the experience index: each night, months of which more is known are learnt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import time

import structlog
from procrastinate import App

from server.db.connection import session
from server.experience.store import learn_month, months_due
from server.jobs import nightly

LEARN_AT = time(1, 30)
"""Local time; offices are closed."""

AGAIN_IN_S = 300
"""As often as ratings are linked with visits."""

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the task of the experience index to `app`."""

    @app.periodic(cron=nightly(LEARN_AT))
    @app.task(name="experience.learn", queueing_lock="experience.learn")
    async def learn(timestamp: int) -> None:
        learnt = await asyncio.to_thread(learn_all, database_url)
        if learnt.waiting:
            await learn.configure(schedule_in={"seconds": AGAIN_IN_S}).defer_async(
                timestamp=timestamp
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """How many months of kinds of units were learnt, and how many wait for links."""

    months: int = 0
    waiting: int = 0


def learn_all(database_url: str) -> Learnt:
    """Learn every month that is due and linked, each in a transaction of its own."""
    with session(database_url) as connection:
        due = months_due(connection)
        ready = [each for each in due if not each.waits]
        for each in ready:
            fit = learn_month(connection, each)
            log.info(
                "experience_learnt",
                kind=each.kind,
                month=str(each.month),
                faces="too_few_ratings" if fit is None else str(fit.link.faces),
            )
    return Learnt(months=len(ready), waiting=len(due) - len(ready))
