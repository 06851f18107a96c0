"""Alerts of now that late data contradict: judged again as of then, and withdrawn.

An alert is looked at when rows of the minutes that it rests on came late. Its rule is judged twice
over those minutes: with what came in time, and with all that is known now. It is withdrawn where
the former raises it and the latter does not: so late data alone are to blame, and nothing else that
has changed since.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled
from psycopg.rows import class_row

from runtime.sql import statements
from server.alerts import store
from server.alerts.alerts import Contradiction, Move, State, Step
from server.alerts.channels.channels import Channel
from server.alerts.figures import QUEUES, Figures
from server.alerts.judgements import Moment
from server.alerts.library import in_force
from server.alerts.past import Around, Past, step_of
from server.alerts.replays import Replay
from server.alerts.rule_store import read_changes
from server.alerts.rules import Rule
from server.alerts.signals import Asked
from server.calendars.store import Calendars, read_calendars
from server.periods import today
from server.units.store import read_tree

OLDEST = timedelta(days=7)
"""Alerts that were raised earlier stay as they are, whatever comes."""

MOST = 200
"""The newest alerts that are looked at for late rows at a time."""

MOST_REPLAYED = 5
"""Alerts that are judged again at a time."""

REPLAYED_WITHIN_S = 5.0
"""Reading and reckoning of one time; an alert that takes longer stays as it is."""

LEAD = 5
"""Steps before the minutes that an alert rests on: a condition that began there began earlier."""

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

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An alert that late data may contradict."""

    id: UUID
    rule: str
    unit: str | None
    raised_at: datetime
    value: float | None
    late_until: datetime


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
        found = await _contradiction(connection, rules[each.rule], each, calendars, left_s)
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
            "begins": [_ticks(rules[each.rule], each)[0] for each in group],
            "ends": [each.raised_at for each in group],
            "after": [each.late_until for each in group],
            "first": min(_ticks(rules[each.rule], each)[0] for each in group),
            "last": max(each.raised_at for each in group),
        }
        found |= dict(await (await connection.execute(_SQL[statement], of)).fetchall())
    return found


async def _contradiction(
    connection: AsyncConnection,
    rule: Rule,
    candidate: Candidate,
    calendars: Calendars,
    within_s: float,
) -> Contradiction | None:
    """Return what contradicts an alert, None where it stands or cannot be judged again in time."""
    tree = await read_tree(connection, today(candidate.raised_at))
    asked = Asked(tree=tree, calendars=calendars, now=candidate.raised_at)
    ends_s = time.monotonic() + within_s
    try:
        async with connection.transaction():
            then = await _judged_again(connection, rule, candidate, asked, ends_s, timely=True)
            if not then.stands:
                return None
            now = await _judged_again(connection, rule, candidate, asked, ends_s, timely=False)
    except QueryCanceled:
        log.warning("alert_not_judged_again", alert=str(candidate.id), rule=rule.id)
        return None
    if now.stands:
        return None
    return Contradiction(then=candidate.value, since=now.mildest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """Whether an alert stands as of when it was raised, and the figure that speaks most against."""

    stands: bool
    mildest: float | None


async def _judged_again(
    connection: AsyncConnection,
    rule: Rule,
    candidate: Candidate,
    asked: Asked,
    ends_s: float,
    *,
    timely: bool,
) -> _Again:
    ticks = _ticks(rule, candidate)
    unit = candidate.unit
    units = tuple(each for each in asked.tree.units if asked.judges(each) and unit in (None, each))
    around = Around(units=units, at=candidate.raised_at, timely=timely)
    past = Past(connection, {rule.source}, _step(rule), around)
    await past.bound(ends_s - time.monotonic())
    await past.begin(ticks[0], ticks[-1], asked.calendars)
    await past.load(ticks[0], ticks[-1])
    return await asyncio.to_thread(_replay, rule, candidate, asked, past, units)


def _replay(
    rule: Rule, candidate: Candidate, asked: Asked, past: Past, units: tuple[str, ...]
) -> _Again:
    # A thousandth less: steps are rounded, and their sum must not fall short of what lasted.
    hold_s = max(rule.hold_s - 0.001, 0.0)
    replay = Replay([replace(rule, silenced_by=(), hold_s=hold_s)])
    rests_on = candidate.raised_at - timedelta(seconds=rule.hold_s)
    worst: list[float] = []
    for tick in _ticks(rule, candidate):
        moment = replace(asked, now=tick)
        closed = moment.closed()
        open_units = [unit for unit in units if unit not in closed or not rule.only_open]
        figures = past.figures(moment, open_units)
        replay.judge(figures, Moment(now=tick, units=len(asked.tree.accepted), closed=closed))
        if tick >= rests_on:
            worst += _worst(rule, figures)
    mildest = min(worst, key=lambda value: value * rule.side.sign, default=None)
    return _Again(stands=replay.stands(rule.id, candidate.unit), mildest=mildest)


def _worst(rule: Rule, figures: Figures) -> list[float]:
    values = [each.value for each in figures[rule.source] if each.value is not None]
    return [max(values, key=lambda value: value * rule.side.sign)] if values else []


def _step(rule: Rule) -> timedelta:
    """Return a step that divides the time that a condition has to last."""
    longest = step_of({rule.source})
    if rule.hold_s <= 0:
        return longest
    return timedelta(seconds=rule.hold_s / math.ceil(rule.hold_s / longest.total_seconds()))


def _ticks(rule: Rule, candidate: Candidate) -> list[datetime]:
    """Return the moments that are judged again, the last one that at which it was raised."""
    step = _step(rule)
    count = LEAD + round(timedelta(seconds=rule.hold_s) / step)
    return [candidate.raised_at - number * step for number in range(count, -1, -1)]
