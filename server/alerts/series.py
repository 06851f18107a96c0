"""Reads the closed days and weeks that looks rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from psycopg import AsyncConnection

from contract.readings import Guard, Measure
from server.alerts.looks import Series, span
from server.alerts.rules import Rule
from server.facts.sources import Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import Period, Step
from server.readings.guarding import concealed_in
from server.scopes import Scope
from server.units.units import UnitTree


async def read_series(
    connection: AsyncConnection, rule: Rule, tree: UnitTree, day: date, now: datetime
) -> Series:
    """Return what a look of `rule` on `day` needs, of the units of the tree that are counted.

    Rules judge whatever n there is; nobody is shown these figures. Units in which few officers
    served in the newest days are left out where the figure would tell of them.
    """
    first, end = span(rule, day)
    return await read_span(connection, rule, tree, first, end, now)


async def read_span(
    connection: AsyncConnection,
    rule: Rule,
    tree: UnitTree,
    first: date,
    end: date,
    now: datetime,
) -> Series:
    """Return the figures of a rule from `first` until before `end`."""
    kpi = replace(BY_ID[rule.source], minimum_n=0)
    period = Period.range(first, end - timedelta(days=1))
    facts = await read_facts(connection, kpi.source, Selection(period=period, step=rule.step))
    days = _days(first, end, rule.step)
    hidden: frozenset[str] = frozenset()
    if kpi.guard in (Guard.OPINION, Guard.SERVICE):
        newest = Period.range(
            max(first, end - timedelta(days=rule.window)), end - timedelta(days=1)
        )
        hidden = _units(await concealed_in(connection, tree, newest))
    units = tuple(sorted(unit for unit in tree.units if tree.counts(unit) and unit not in hidden))
    rows = {unit: number for number, unit in enumerate(units)}
    columns = {each: number for number, each in enumerate(days)}
    value = np.zeros((len(units), len(days)))
    n = np.zeros_like(value)
    for fact in facts:
        if fact.unit not in rows or fact.day not in columns:
            continue
        moment = Moment(now=now, period=Period.of(rule.step, fact.day))
        result = kpi.compute(kpi, fact.totals, moment)
        if result.value is None:
            continue
        place = rows[fact.unit], columns[fact.day]
        value[place] = result.value
        # A count of nothing is known as well as any other.
        n[place] = max(result.n, 1) if kpi.measure is Measure.COUNT else result.n
    return Series(units=units, days=days, value=value, n=n)


def _days(first: date, end: date, step: Step) -> tuple[date, ...]:
    length = timedelta(days=7 if step is Step.WEEK else 1)
    days: list[date] = []
    day = first
    while day < end:
        days.append(day)
        day += length
    return tuple(days)


def _units(places: frozenset[Scope]) -> frozenset[str]:
    return frozenset(place.unit for place in places if place.unit is not None)
