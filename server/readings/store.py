"""Reads what a question rests on and answers it, in one consistent view of the database."""

from __future__ import annotations

from datetime import datetime

from psycopg import AsyncConnection

from contract.readings import Reading
from server.facts.store import read_dirty, read_facts
from server.periods import today
from server.readings.readings import Question, answer, mark_recounting, selection
from server.units.store import read_tree


async def read_readings(
    connection: AsyncConnection, question: Question, now: datetime
) -> list[Reading]:
    """Return the readings that `question` asks for, as they are at `now`.

    Raises NotFound or BreakdownInvalid.
    """
    tree = await read_tree(connection, today(now))
    sources = {kpi.source.name: kpi.source for kpi in question.kpis}
    facts = {
        name: await read_facts(connection, source, selection(question, source, tree, now))
        for name, source in sources.items()
    }
    readings = answer(question, facts, tree, now)
    return mark_recounting(readings, tree, await read_dirty(connection), now)
