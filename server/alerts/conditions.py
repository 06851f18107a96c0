"""Reads and stores what holds now: each rule's conditions, with since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from psycopg import AsyncConnection

from runtime.sql import statements
from server.alerts.judging import Held, Key

_SQL = statements("server.alerts", "alerts.sql")

Conditions = dict[str, dict[Key, Held]]
"""What holds, by rule."""


async def read_conditions(connection: AsyncConnection) -> Conditions:
    """Return what held at the last judgement."""
    found: Conditions = defaultdict(dict)
    rows = await (await connection.execute(_SQL["conditions"])).fetchall()
    for rule, unit, subject, since, seen_at in rows:
        found[rule][unit, subject] = Held(since=since, seen_at=seen_at)
    return found


async def keep_conditions(
    connection: AsyncConnection, before: Conditions, after: Mapping[str, Mapping[Key, Held]]
) -> None:
    """Store what holds now, writing what has changed alone."""
    gone = [
        (rule, key)
        for rule, held in before.items()
        for key in held
        if key not in after.get(rule, {})
    ]
    kept = [
        (rule, key, each)
        for rule, held in after.items()
        for key, each in held.items()
        if (old := before.get(rule, {}).get(key)) is None
        or (old.since, old.seen_at) != (each.since, each.seen_at)
    ]
    if gone:
        await connection.execute(
            _SQL["forget_conditions"],
            {
                "rule": [rule for rule, _ in gone],
                "unit": [unit for _, (unit, _) in gone],
                "subject": [subject for _, (_, subject) in gone],
            },
        )
    if kept:
        await connection.execute(
            _SQL["keep_conditions"],
            {
                "rule": [rule for rule, _, _ in kept],
                "unit": [unit for _, (unit, _), _ in kept],
                "subject": [subject for _, (_, subject), _ in kept],
                "since": [each.since for _, _, each in kept],
                "seen_at": [each.seen_at for _, _, each in kept],
            },
        )
