"""Tries a rule on the days that the database holds, before it goes live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled

from contract.local_time import LOCAL_TIME
from server.alerts.backtests import WouldRaise, look_days, would_raise
from server.alerts.judgements import Moment
from server.alerts.library import in_force
from server.alerts.looks import span
from server.alerts.past import KEPT, Past, step_of
from server.alerts.replays import Replay, alerts_of
from server.alerts.rule_store import read_changes
from server.alerts.rules import Rule
from server.alerts.series import read_span
from server.alerts.signals import Asked
from server.calendars.store import DEFAULT, read_calendars
from server.errors import PeriodInvalid, RuleInvalid
from server.units.store import read_tree

LONGEST = timedelta(days=400)
LONGEST_LIVE = timedelta(days=31)
"""Rules about figures of now are tried on every minute of so many days at most."""

ON_SCREEN_S = 25.0
IN_TERMINAL_S = 600.0
"""For so long a rule is tried at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have raised, and of how many worked days nothing is kept to try it on."""

    raised: tuple[WouldRaise, ...]
    days_unknown: int = 0


async def try_rule(
    connection: AsyncConnection,
    rule: Rule,
    first: date,
    last: date,
    now: datetime,
    within_s: float = ON_SCREEN_S,
) -> Trial:
    """Return what a rule would have raised from `first` to `last`, from what is known by now.

    Raises PeriodInvalid for too many days, also for more than can be tried `within_s`, and
    RuleInvalid for a source of which the past is not kept.
    """
    longest = LONGEST_LIVE if rule.is_live else LONGEST
    if last < first or last - first > longest:
        raise PeriodInvalid(f"a rule is tried on at most {longest.days} days, the first one first")
    if rule.is_live:
        return await _try_live(connection, rule, (first, last), now, within_s)
    calendar = (await read_calendars(connection)).by_id[DEFAULT]
    tree = await read_tree(connection, last)
    begin, _ = span(rule, first)
    _, end = span(rule, last)
    series = await read_span(connection, rule, tree, begin, end, now)

    def day_off(day: date) -> bool:
        return not calendar.is_worked(day)

    days = look_days(rule, first, last, day_off)
    return Trial(raised=would_raise(rule, series, days, day_off))


async def _try_live(
    connection: AsyncConnection,
    rule: Rule,
    days: tuple[date, date],
    now: datetime,
    within_s: float,
) -> Trial:
    """Replay the days with the rules that explain this one, as far as their past is kept."""
    if rule.source not in KEPT:
        raise RuleInvalid(
            f"rule {rule.id} looks at {rule.source}, of which only the present is kept: it cannot "
            "be tried on the past"
        )
    ends_s = time.monotonic() + within_s
    rules = _together(rule, in_force(await read_changes(connection)))
    sources = {each.source for each in rules}
    calendars, step = await read_calendars(connection), step_of(sources)
    past, replay = Past(connection, sources, step), Replay(rules)
    begin, end = (datetime.combine(day, time_of_day.min, LOCAL_TIME) for day in days)
    unknown = worked = 0
    day, last = days
    try:
        await past.bound(within_s)
        await past.begin(begin, end + timedelta(days=1), calendars)
        while day <= last:
            tree = await read_tree(connection, day)
            asked = Asked(tree=tree, calendars=calendars, now=begin)
            ticks = [each for each in _ticks(asked, rules, day, step) if each <= now]
            if ticks:
                await past.bound(ends_s - time.monotonic())
                known = await past.load(ticks[0] - step, ticks[-1])
                worked, unknown = worked + 1, unknown + (not known)
                await asyncio.to_thread(_judge_day, replay, past, asked, rules, ticks, ends_s)
            day += timedelta(days=1)
    except (TimeoutError, QueryCanceled) as error:
        raise PeriodInvalid(
            f"in {within_s:g} s rule {rule.id} could be tried until {day} only: ask for fewer days"
        ) from error
    if worked and worked == unknown:
        raise RuleInvalid(f"rule {rule.id}: nothing of {rule.source} is kept of these days")
    return Trial(raised=alerts_of(replay.taken, rule.id), days_unknown=unknown)


def _together(rule: Rule, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """Return a rule with those that silence it, and those that silence them."""
    found = {rule.id: rule}
    waiting = [rule]
    while waiting:
        for id_ in waiting.pop().silenced_by:
            other = rules.get(id_)
            if other is not None and id_ not in found and other.enabled and other.source in KEPT:
                found[id_] = other
                waiting.append(other)
    return tuple(found.values())


def _ticks(asked: Asked, rules: Sequence[Rule], day: date, step: timedelta) -> list[datetime]:
    """Return the moments of a day at which is judged: for rules of open hours from the first
    opening until after the last closing.
    """
    midnight = datetime.combine(day, time_of_day.min, LOCAL_TIME)
    begin, end = midnight, midnight + timedelta(days=1) - step
    if all(rule.only_open for rule in rules):
        spans = [each for unit in asked.tree.units for each in asked.calendars.of(unit).hours(day)]
        if not spans:
            return []
        begin = datetime.combine(day, min(start for start, _ in spans), LOCAL_TIME)
        end = datetime.combine(day, max(end for _, end in spans), LOCAL_TIME) + step
    return [begin.astimezone(UTC) + number * step for number in range((end - begin) // step + 1)]


def _judge_day(
    replay: Replay,
    past: Past,
    asked: Asked,
    rules: Sequence[Rule],
    ticks: Sequence[datetime],
    ends_s: float,
) -> None:
    judged = frozenset(unit for unit in asked.tree.units if asked.judges(unit))
    only_open = all(rule.only_open for rule in rules)
    for now in ticks:
        if time.monotonic() > ends_s:
            raise TimeoutError
        moment = replace(asked, now=now)
        closed = moment.closed()
        units = judged - closed if only_open else judged
        figures = past.figures(moment, units)
        accepted = len(asked.tree.accepted)
        replay.judge(figures, Moment(now=now, units=accepted, closed=closed))
