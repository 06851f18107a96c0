"""Reads what a question rests on and answers it, in one consistent view of the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading
from server.access.principals import NOWHERE, Reach
from server.facts.sources import Fact, Source
from server.facts.store import read_dirty, read_facts
from server.periods import today
from server.readings.guarding import read_concealment
from server.readings.readings import (
    Breakdown,
    Question,
    Span,
    SpanFacts,
    answer,
    covers,
    mark_recounting,
    selection,
    sources_of,
)
from server.scopes import Scope
from server.units.store import read_history, read_tree
from server.units.units import TreeView


async def read_readings(
    connection: AsyncConnection, question: Question, now: datetime, seen: Reach = NOWHERE
) -> list[Reading]:
    """Return the readings that `question` asks for, as they are at `now`.

    What would name an officer outside `seen` is withheld. Raises NotFound or BreakdownInvalid.
    """
    return (await read_as_seen(connection, question, now, (seen,)))[0]


async def read_as_seen(
    connection: AsyncConnection, question: Question, now: datetime, sights: Sequence[Reach]
) -> list[list[Reading]]:
    """Return the readings as each of several may see them; facts are read once for all."""
    asked = await _spans(connection, question, now)
    spans = [
        SpanFacts(tree=span.tree, facts=await _facts(connection, question, span, now))
        for span in asked
    ]
    dirty = await read_dirty(connection)
    found = []
    for seen in sights:
        concealed = await read_concealment(connection, question, asked, now, seen)
        readings = answer(question, spans, now, concealed)
        found.append(mark_recounting(readings, spans[-1].tree, dirty, now))
    return found


async def read_officers(
    connection: AsyncConnection, question: Question, now: datetime
) -> dict[str, list[Reading]]:
    """Return by unit the readings of each officer who served there, for whoever may see them all.

    `question` is of the province, without a breakdown; its facts are read once for all units.
    """
    asked = await _spans(connection, question, now)
    apart = replace(question, by=Breakdown.OFFICER)
    sources = sources_of(apart)
    found = [(span, await _facts(connection, apart, span, now)) for span in asked]
    units = dict.fromkeys(unit for span in asked for unit in span.tree.accepted)
    readings = {}
    by_unit = [(span, _by_unit(facts)) for span, facts in found]
    for unit in units:
        own = [
            SpanFacts(tree=span.tree, facts=_of_units(facts, span.tree.counted(unit), sources))
            for span, facts in by_unit
            if unit in span.tree.units
        ]
        readings[unit] = answer(replace(apart, scope=Scope.of_unit(unit)), own, now)
    return readings


_ByUnit = Mapping[str, Mapping[str, Sequence[Fact[Any]]]]


def _by_unit(facts: Mapping[str, Sequence[Fact[Any]]]) -> _ByUnit:
    apart: dict[str, dict[str, list[Fact[Any]]]] = {}
    for name, own in facts.items():
        units = apart.setdefault(name, {})
        for fact in own:
            units.setdefault(fact.unit, []).append(fact)
    return apart


def _of_units(
    facts: _ByUnit, units: Collection[str], sources: Mapping[str, Source[Any]]
) -> dict[str, Sequence[Fact[Any]]]:
    """Return the facts of units: whoever is in one source is in all, if with nothing."""
    own = {
        name: [fact for unit in units for fact in apart.get(unit, ())]
        for name, apart in facts.items()
    }
    known = {(each.unit, each.member) for rows in own.values() for each in rows if each.member}
    for name, rows in own.items():
        totals = sources[name].totals()
        missing = known - {(each.unit, each.member) for each in rows}
        rows.extend(
            Fact(unit=unit, member=member, day=None, totals=totals)
            for unit, member in sorted(missing, key=str)
        )
    return {name: tuple(rows) for name, rows in own.items()}


async def _spans(connection: AsyncConnection, question: Question, now: datetime) -> list[Span]:
    """Return today's tree for the whole period, or each tree that was valid in it.

    Of those, the ones that have the scope's unit; where none has, the last says so.
    """
    period = question.period
    if question.tree is TreeView.NOW or period is None or period.is_now:
        return [Span(tree=await read_tree(connection, today(now)))]
    history = await read_history(connection, period)
    spans = [Span(tree=tree, period=part) for part, tree in history]
    return [span for span in spans if covers(question.scope, span.tree)] or spans[-1:]


async def _facts(
    connection: AsyncConnection, question: Question, span: Span, now: datetime
) -> dict[str, tuple[Fact[Any], ...]]:
    sources = sources_of(question)
    return {
        name: await read_facts(connection, source, selection(question, source, span, now))
        for name, source in sources.items()
    }
