"""Reads and stores the province's changes of rules, which are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from runtime.sql import statements
from server.alerts.library import as_json, in_force, rule_from
from server.alerts.rules import Rule
from server.errors import NotFound

_SQL = statements("server.alerts", "alerts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A change of a rule: who made it, when and why."""

    number: int
    changed_at: datetime
    changed_by: str
    reason: str
    definition: Rule


async def read_changes(connection: AsyncConnection) -> list[Rule]:
    """Return the newest change of each rule that the province has changed or added."""
    rows = await (await connection.execute(_SQL["rule_changes"])).fetchall()
    return [rule_from(row[0], "alert_rule_change") for row in rows]


async def read_history(connection: AsyncConnection, rule: str) -> list[RuleChange]:
    """Return every change of one rule, the newest first."""
    rows = await (await connection.execute(_SQL["rule_history"], {"rule": rule})).fetchall()
    return [
        RuleChange(
            number=number,
            changed_at=changed_at,
            changed_by=changed_by,
            reason=reason,
            definition=rule_from(definition, "alert_rule_change"),
        )
        for number, changed_at, changed_by, reason, definition in rows
    ]


async def change_rule(
    connection: AsyncConnection, rule: Rule, by: str, reason: str, now: datetime
) -> None:
    """Store a rule; it holds from its `valid_from` and the next judgement on."""
    values = {
        "rule": rule.id,
        "at": now,
        "by": by,
        "reason": reason,
        "definition": Jsonb(as_json(rule)),
    }
    await connection.execute(_SQL["change_rule"], values)


async def read_rule(connection: AsyncConnection, rule: str) -> Rule:
    """Return the rule that holds under an id; raise NotFound."""
    found = in_force(await read_changes(connection)).get(rule)
    if found is None:
        raise NotFound(f"rule {rule!r} is not known; GET /api/v1/alert-rules lists them")
    return found
