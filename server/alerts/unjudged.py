"""Keeps which rules could not be judged: logged once, and said of the server until it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements

AGAIN_AFTER = timedelta(minutes=1)
"""A look at closed days that failed is made again after so long."""

_SQL = statements("server.alerts", "unjudged.sql")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A rule that could not be judged: since when, and when that was tried last."""

    rule: str
    since: datetime
    tried_at: datetime

    def rests(self, now: datetime) -> bool:
        """Return whether it is too soon to try it again."""
        return self.tried_at <= now < self.tried_at + AGAIN_AFTER


async def read_unjudged(connection: AsyncConnection) -> dict[str, Unjudged]:
    """Return the rules that could not be judged last time, by id."""
    cursor = connection.cursor(row_factory=class_row(Unjudged))
    return {each.rule: each for each in await (await cursor.execute(_SQL["unjudged"])).fetchall()}


async def keep_unjudged(
    connection: AsyncConnection,
    before: Mapping[str, Unjudged],
    failed: Mapping[str, Exception],
    resting: frozenset[str],
    now: datetime,
) -> None:
    """Store which rules fail now, and forget those that do not, but for the `resting` ones.

    One is logged when it begins to fail and when it has ended, and written once a minute.
    """
    for rule, error in failed.items():
        known = before.get(rule)
        if known is None:
            log.error("alert_rule_not_judged", rule=rule, exc_info=error)
        elif known.rests(now):
            continue
        values = {"rule": rule, "now": now, "problem": type(error).__name__}
        await connection.execute(_SQL["note_unjudged"], values)
    ended = sorted(before.keys() - failed.keys() - resting)
    if ended:
        await connection.execute(_SQL["forget_unjudged"], {"rules": ended})
        log.info("alert_rules_judged_again", rules=ended)
