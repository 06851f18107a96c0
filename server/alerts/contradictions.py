"""Alerts of now that late data contradict: judged again as of then, and withdrawn.

An alert is looked at when rows of the minutes that it rests on came late. Its rule is judged twice
over those minutes: with what came in time, and with all that is known now. It is withdrawn where
the former raises it and the latter does not: so late data alone are to blame, and nothing else that
has changed since.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.alerts import store
from server.alerts.alerts import Contradiction, Move, State, Step
from server.alerts.channels.channels import Channel
from server.alerts.figures import QUEUES
from server.alerts.judged_again import Candidate, judge_again, ticks_of
from server.alerts.library import in_force
from server.alerts.rule_store import read_changes
from server.alerts.rules import Rule
from server.calendars.store import read_calendars

OLDEST = timedelta(days=7)
"""Alerts that were raised earlier stay as they are, whatever comes."""

MOST = 200
"""The newest alerts that are looked at for late rows at a time."""

MOST_REPLAYED = 5
"""Alerts that are judged again at a time."""

REPLAYED_WITHIN_S = 5.0
"""Reading and reckoning of one time; an alert that takes longer stays as it is."""

_LATE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(QUEUES, "late_queues"),
        **dict.fromkeys(("camera_hidden", "outbox_depth", "device_disk_mb"), "late_devices"),
        "dossiers_due_soon": "late_dossiers",
        "complaints_near_deadline": "late_complaints",
    }
)
"""By source: the statement that finds what came late. What nothing is kept of is not here; nor is
`device_silence`: that nothing was heard stays true, whatever the device sends afterwards.
"""

CONTRADICTABLE = frozenset(_LATE)
"""Sources that late data can contradict."""

_SQL = statements("server.alerts", "contradictions.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A candidate that was judged again with what came until `late_until`, and what came of it."""

    candidate: Candidate
    late_until: datetime
    contradiction: Contradiction | None = None


async def check_late(connection: AsyncConnection, now: datetime) -> list[Check]:
    """Judge alerts again whose minutes late rows have come of; read only, and bounded."""
    rules = {
        id_: rule
        for id_, rule in in_force(await read_changes(connection)).items()
        if rule.is_live and rule.source in _LATE
    }
    candidates = await _candidates(connection, rules, now)
    late = await _late(connection, rules, candidates)
    waiting = [each for each in candidates if each.id in late][:MOST_REPLAYED]
    if not waiting:
        return []
    calendars = await read_calendars(connection)
    ends_s = time.monotonic() + REPLAYED_WITHIN_S
    checks: list[Check] = []
    for each in waiting:
        left_s = ends_s - time.monotonic()
        if left_s <= 0:
            break  # those that are left have their turn the next time
        found = await judge_again(connection, rules[each.rule], each, calendars, left_s)
        checks.append(Check(candidate=each, late_until=late[each.id], contradiction=found))
    return checks


async def withdraw(
    connection: AsyncConnection, checks: Iterable[Check], channels: Sequence[Channel], now: datetime
) -> int:
    """Withdraw what checks contradict, unless somebody has closed it meanwhile; return how many."""
    await store.lock(connection)
    rules = in_force(await read_changes(connection))
    alerts, moves = {}, []
    for check in checks:
        of = {"alert": check.candidate.id, "late_until": check.late_until}
        await connection.execute(_SQL["note_check"], of)
        if check.contradiction is None:
            continue
        alert = await store.read_alert(connection, check.candidate.id)
        again = alert.raised_at != check.candidate.raised_at
        if alert.closed_by_people or again or alert.state is State.WITHDRAWN:
            continue
        if alert.state.is_open:
            await connection.execute(_SQL["begin_anew"], {"rule": alert.rule, "unit": alert.unit})
        alerts[alert.id] = alert
        moves.append(
            Move(
                step=Step.WITHDRAWN,
                rule=alert.rule,
                unit=alert.unit,
                alert=alert.id,
                note=check.contradiction.note,
            )
        )
    return await store.apply_moves(connection, moves, rules, channels, alerts, now)


async def _candidates(
    connection: AsyncConnection, rules: Mapping[str, Rule], now: datetime
) -> list[Candidate]:
    of = {
        "rules": list(rules),
        "versions": [rule.version for rule in rules.values()],
        "since": now - OLDEST,
        "most": MOST,
    }
    cursor = connection.cursor(row_factory=class_row(Candidate))
    return await (await cursor.execute(_SQL["candidates"], of)).fetchall()


async def _late(
    connection: AsyncConnection, rules: Mapping[str, Rule], candidates: Iterable[Candidate]
) -> dict[UUID, datetime]:
    """Return the candidates of whose minutes something came late, with when the last of it came."""
    groups: dict[str, list[Candidate]] = {}
    for each in candidates:
        groups.setdefault(_LATE[rules[each.rule].source], []).append(each)
    found: dict[UUID, datetime] = {}
    for statement, group in groups.items():
        of: dict[str, Any] = {
            "id": [each.id for each in group],
            "unit": [each.unit for each in group],
            "begins": [ticks_of(rules[each.rule], each)[0] for each in group],
            "ends": [each.raised_at for each in group],
            "after": [each.late_until for each in group],
            "first": min(ticks_of(rules[each.rule], each)[0] for each in group),
            "last": max(each.raised_at for each in group),
        }
        found |= dict(await (await connection.execute(_SQL[statement], of)).fetchall())
    return found
