"""Reads the totals of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic

from psycopg import AsyncConnection

from server.facts.sources import Source, T
from server.periods import NOW, Period, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T]):
    """Totals with what they are of; `counter` and `day` are None where not told apart."""

    unit: str
    counter: str | None
    day: date | None
    totals: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which facts to read: `units` None means every unit, also those outside today's tree."""

    units: tuple[str, ...] | None = None
    counter: str | None = None
    period: Period = NOW
    by_counter: bool = False
    step: Step | None = None


async def read_facts(
    connection: AsyncConnection, source: Source[T], selection: Selection
) -> tuple[Fact[T], ...]:
    """Return the totals of `source` that `selection` names."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(source.statement, _parameters(selection))
    return tuple(
        Fact(unit=row[0], counter=row[1], day=row[2], totals=source.totals.from_row(row[3:]))
        for row in await cursor.fetchall()
    )


def _parameters(selection: Selection) -> dict[str, object]:
    period = selection.period
    start, end = (None, None) if period.is_now else period.bounds
    return {
        "units": None if selection.units is None else list(selection.units),
        "counter": selection.counter,
        "start": start,
        "end": end,
        "first_day": period.first,
        "end_day": period.end,
        "by_counter": selection.by_counter,
        "step": None if selection.step is None else str(selection.step),
    }
