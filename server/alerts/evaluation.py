"""One judgement: reads figures and alerts, and takes what follows, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from server.alerts import store
from server.alerts.alerts import Alert, Move, Step
from server.alerts.channels.channels import Channel
from server.alerts.conditions import keep_conditions, read_conditions
from server.alerts.judgements import Moment, Together, judge_together
from server.alerts.library import in_force
from server.alerts.looks import Found, judge_look, look
from server.alerts.machine import UNKNOWN, Machine
from server.alerts.rule_store import read_changes
from server.alerts.rules import Rule
from server.alerts.series import read_series
from server.alerts.signals import Asked, read_signals
from server.alerts.timing import due_steps
from server.alerts.unjudged import Unjudged, keep_unjudged, read_unjudged
from server.calendars.calendars import Calendar
from server.calendars.store import DEFAULT, read_calendars
from server.periods import Step as Calendars
from server.periods import today
from server.units.store import read_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """How many steps a judgement took, and which looks it made."""

    steps: int
    looks: tuple[str, ...] = ()


async def evaluate(
    connection: AsyncConnection,
    channels: Sequence[Channel],
    now: datetime,
    machine: Machine = UNKNOWN,
) -> Evaluated:
    """Judge every rule at `now` and store what follows; the caller's transaction commits it all.

    `machine` is what is known of the server's own machine.
    """
    await store.lock(connection)
    tree = await read_tree(connection, today(now))
    calendars = await read_calendars(connection)
    asked = Asked(tree=tree, calendars=calendars, now=now, machine=machine)
    rules = {
        id_: rule
        for id_, rule in in_force(await read_changes(connection)).items()
        if rule.enabled and rule.valid_from <= today(now)
    }
    alerts = await store.alerts_to_judge(connection, now)
    unjudged = await read_unjudged(connection)
    live = await _judge_live(connection, rules, alerts, asked)
    looks = await _judge_looks(connection, rules, alerts, asked, unjudged)
    failed = {**live.unjudged, **looks.failed}
    await keep_unjudged(connection, unjudged, failed, looks.resting, now)
    moves = [*live.moves, *looks.moves, *_without_rule(alerts, rules)]
    touched = {move.alert for move in moves}
    rest = [alert for alert in alerts if alert.state.is_open and alert.id not in touched]
    moves += due_steps(rest, rules, lambda unit: calendars.of(unit or DEFAULT), now)
    by_id = {alert.id: alert for alert in alerts}
    steps = await store.apply_moves(connection, moves, rules, channels, by_id, now)
    return Evaluated(steps=steps, looks=looks.made)


async def _judge_live(
    connection: AsyncConnection, rules: Mapping[str, Rule], alerts: Sequence[Alert], asked: Asked
) -> Together:
    live = [rule for rule in rules.values() if rule.is_live]
    read = await read_signals(connection, {rule.source for rule in live}, asked)
    before = await read_conditions(connection)
    moment = Moment(now=asked.now, units=len(asked.tree.accepted), closed=asked.closed())
    judged = judge_together(live, read.figures, before, alerts, moment, unread=read.unread)
    await keep_conditions(connection, before, judged.held)
    return judged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looks:
    """The looks made with the steps that follow; those that failed, just now or a moment ago."""

    made: tuple[str, ...]
    moves: tuple[Move, ...]
    failed: Mapping[str, Exception]
    resting: frozenset[str]


async def _judge_looks(
    connection: AsyncConnection,
    rules: Mapping[str, Rule],
    alerts: Sequence[Alert],
    asked: Asked,
    unjudged: Mapping[str, Unjudged],
) -> _Looks:
    """Make the looks of today whose time has come. One that was missed on another day is not made
    up for: what it would tell is old. One that fails keeps no other from being made.
    """
    made: list[str] = []
    moves: list[Move] = []
    failed: dict[str, Exception] = {}
    due = [rule for rule in rules.values() if _is_due(rule, asked)]
    resting = {
        each.id for each in due if each.id in unjudged and unjudged[each.id].rests(asked.now)
    }
    for rule in due:
        if rule.id in resting or await store.look_made(connection, rule.id, asked.day):
            continue
        own = [alert for alert in alerts if alert.rule == rule.id]
        try:
            async with connection.transaction():
                moves += await _look_once(connection, rule, own, asked)
            made.append(rule.id)
        except Exception as error:
            if connection.closed:
                raise  # the database is away
            failed[rule.id] = error
    return _Looks(made=tuple(made), moves=tuple(moves), failed=failed, resting=frozenset(resting))


def _is_due(rule: Rule, asked: Asked) -> bool:
    if rule.is_live or asked.now.astimezone(LOCAL_TIME).time() < rule.look_at:
        return False
    # Weeks are closed on Monday.
    return rule.step is not Calendars.WEEK or asked.day.weekday() == 0


async def _look_once(
    connection: AsyncConnection, rule: Rule, alerts: Sequence[Alert], asked: Asked
) -> tuple[Move, ...]:
    found = await _found(connection, rule, asked, asked.day)
    anew = await _anew(connection, rule, alerts, asked)
    await store.note_look(connection, rule.id, asked.day, len(found), asked.now)
    return judge_look(rule, found, anew, alerts, asked.now)


async def _found(
    connection: AsyncConnection, rule: Rule, asked: Asked, day: date
) -> tuple[Found, ...]:
    series = await read_series(connection, rule, asked.tree, day, asked.now)
    return look(rule, series, asked.now, partial(_day_off, asked.calendars.by_id[DEFAULT]))


async def _anew(
    connection: AsyncConnection, rule: Rule, alerts: Sequence[Alert], asked: Asked
) -> dict[UUID, Found]:
    """Return alerts with the look that raised them, as it is counted now: open ones, and those
    that ended by themselves a short while ago.
    """
    raised = {
        alert.id: alert.raised_at.astimezone(LOCAL_TIME).date()
        for alert in alerts
        if alert.unit is not None and (alert.state.is_open or alert.ended_by_itself)
    }
    anew: dict[UUID, Found] = {}
    for day in set(raised.values()) - {asked.day}:
        found = {each.figure.unit: each for each in await _found(connection, rule, asked, day)}
        anew |= {
            alert.id: found[alert.unit]
            for alert in alerts
            if raised.get(alert.id) == day and alert.unit in found
        }
    return anew


def _day_off(calendar: Calendar, day: date) -> bool:
    return not calendar.is_worked(day)


def _without_rule(alerts: Sequence[Alert], rules: Mapping[str, Rule]) -> list[Move]:
    """Return the end of alerts whose rule holds no more."""
    return [
        Move(step=Step.ENDED, rule=alert.rule, unit=alert.unit, alert=alert.id, note="no_rule")
        for alert in alerts
        if alert.state.is_open and alert.rule not in rules
    ]
