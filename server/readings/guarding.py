"""Reads who served where, and says what of an answer would name an officer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Timing
from server.access.principals import Reach
from server.facts.serving import SERVING, ServingTotals
from server.facts.sources import Dimension, Fact, Selection, Source
from server.facts.store import read_facts
from server.periods import Period
from server.readings.concealment import (
    Concealment,
    concealed_places,
    served_by_day,
    serving_source,
    untold_units,
)
from server.readings.readings import Question, Span, told_apart, units_of
from server.scopes import Scope
from server.units.units import UnitTree


async def read_concealment(
    connection: AsyncConnection,
    question: Question,
    spans: Sequence[Span],
    now: datetime,
    seen: Reach,
) -> dict[str, Concealment]:
    """Return what is withheld from whoever may see the officers of `seen`, by the source of who
    served.

    Where officers themselves are asked for, the right to see them was asked for: nothing is.
    """
    parts = told_apart(question.scope, question.by)
    sources = {
        source.name: source for kpi in question.kpis if (source := serving_source(kpi)) is not None
    }
    if Dimension.OFFICER in parts:
        return {}
    if len(parts) > 1:
        return {name: Concealment(all_parts=True, seen=seen) for name in sources}
    period = question.period_of(Timing.PERIOD, now)
    found: dict[str, Concealment] = {}
    for name, source in sources.items():
        if parts <= source.dimensions:
            of = [(span, span.period or period) for span in spans]
            found[name] = (
                await _of_parts(connection, question, of, source, next(iter(parts)), seen)
                if parts
                else await _of_places(connection, question, of, source, seen)
            )
    return found


async def concealed_in(
    connection: AsyncConnection, tree: UnitTree, period: Period
) -> frozenset[Scope]:
    """Return the places whose opinion and service figures of the period are told by right alone."""
    facts = await read_facts(connection, SERVING, Selection(period=period))
    return concealed_places(tree, served_by_day(facts).get(None, {}))


async def _of_places(
    connection: AsyncConnection,
    question: Question,
    spans: Sequence[tuple[Span, Period]],
    source: Source[ServingTotals],
    seen: Reach,
) -> Concealment:
    places: defaultdict[date | None, frozenset[Scope]] = defaultdict(frozenset)
    for span, period in spans:
        # Of every unit, also those that are not asked for: who is hidden depends on the others.
        facts = await read_facts(connection, source, _selection(question, period))
        for day, served in served_by_day(facts).items():
            places[day] |= concealed_places(span.tree, served)
    return Concealment(places=places, seen=seen)


async def _of_parts(
    connection: AsyncConnection,
    question: Question,
    spans: Sequence[tuple[Span, Period]],
    source: Source[ServingTotals],
    part: Dimension,
    seen: Reach,
) -> Concealment:
    units: frozenset[tuple[str, date | None]] = frozenset()
    for span, period in spans:
        selection = replace(
            _selection(question, period), units=units_of(question.scope, span.tree), by=part
        )
        facts: Sequence[Fact[Any]] = await read_facts(connection, source, selection)
        units |= untold_units(facts)
    return Concealment(units=units, seen=seen)


def _selection(question: Question, period: Period) -> Selection:
    return Selection(period=period, step=question.step)
