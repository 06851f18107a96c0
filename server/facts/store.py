"""Reads the totals of a source."""

from __future__ import annotations

from psycopg import AsyncConnection

from server.facts.sources import Fact, Selection, Source, T


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
