"""Judges an alert anew over the minutes that it rests on, with and without what came late."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled

from server.alerts.alerts import Contradiction
from server.alerts.figures import Figures
from server.alerts.judgements import Moment
from server.alerts.past import Around, Past, step_of
from server.alerts.replays import Replay
from server.alerts.rules import Rule
from server.alerts.signals import Asked
from server.calendars.store import Calendars
from server.periods import today
from server.units.store import read_tree

LEAD = 5
"""Steps before the minutes that an alert rests on: a condition that began there began earlier."""

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


def ticks_of(rule: Rule, candidate: Candidate) -> list[datetime]:
    """Return the moments that are judged again, the last one that at which it was raised."""
    step = _step(rule)
    count = LEAD + round(timedelta(seconds=rule.hold_s) / step)
    return [candidate.raised_at - number * step for number in range(count, -1, -1)]


async def judge_again(
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
    ticks = ticks_of(rule, candidate)
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
    for tick in ticks_of(rule, candidate):
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
