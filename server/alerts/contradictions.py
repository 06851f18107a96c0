"""Alerts of now that end: those that late data contradict were none, and are withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from psycopg import AsyncConnection

from runtime.sql import statements
from server.alerts.alerts import LATE_DATA, Alert, Move, Step
from server.alerts.rules import Rule

_SQL = statements("server.alerts", "signals.sql")

_CONTRADICTED_BY: Mapping[str, str] = {"nobody_served": "served_late"}
"""By source: the statement that finds what came after the alert and tells against it. Whatever
else figures of now say is said by the newest message alone, or of its not having come.
"""


async def withdraw_contradicted(
    connection: AsyncConnection,
    moves: Iterable[Move],
    rules: Mapping[str, Rule],
    alerts: Sequence[Alert],
) -> list[Move]:
    """Return the moves, those that end what was never so withdrawing it instead."""
    by_id = {alert.id: alert for alert in alerts}
    return [await _checked(connection, move, rules[move.rule], by_id) for move in moves]


async def _checked(
    connection: AsyncConnection, move: Move, rule: Rule, alerts: Mapping[UUID, Alert]
) -> Move:
    statement = _CONTRADICTED_BY.get(rule.source)
    if statement is None or move.step is not Step.ENDED or move.alert is None:
        return move
    raised_at = alerts[move.alert].raised_at
    of = {
        "unit": move.unit,
        "since": raised_at - timedelta(seconds=rule.hold_s),
        "raised_at": raised_at,
    }
    row = await (await connection.execute(_SQL[statement], of)).fetchone()
    if row is None or not row[0]:
        return move
    return replace(move, step=Step.WITHDRAWN, note=LATE_DATA)
