"""Background jobs of the experience index: each night, months of which more is known are learnt."""

from __future__ import annotations

import asyncio
from datetime import time

import structlog
from procrastinate import App

from server.db.connection import session
from server.experience.store import learn_month, months_due
from server.jobs import nightly

LEARN_AT = time(1, 30)
"""Local time; offices are closed."""

log = structlog.get_logger()


def register(app: App, database_url: str) -> None:
    """Add the task of the experience index to `app`."""

    @app.periodic(cron=nightly(LEARN_AT))
    @app.task(name="experience.learn", queueing_lock="experience.learn")
    async def learn(timestamp: int) -> None:
        del timestamp  # when it was due; whatever has come by now is learnt from
        await asyncio.to_thread(learn_all, database_url)


def learn_all(database_url: str) -> int:
    """Learn every month that is due, each in a transaction of its own; return how many."""
    with session(database_url) as connection:
        due = months_due(connection)
        for each in due:
            fit = learn_month(connection, each)
            log.info(
                "experience_learnt",
                kind=each.kind,
                month=str(each.month),
                faces="too_few_ratings" if fit is None else str(fit.link.faces),
            )
    return len(due)
