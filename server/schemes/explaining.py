"""Reads a score with the names that stand in its explanation."""

from __future__ import annotations

from datetime import datetime

from psycopg import AsyncConnection

from contract.texts import Language
from server.kpi.catalogue import definitions
from server.periods import Period
from server.schemes.explanations import Explanation, Names, explain
from server.schemes.schemes import Scheme
from server.schemes.scores import Score
from server.schemes.store import Asked, read_scores
from server.units.store import read_history


async def explain_one(
    connection: AsyncConnection,
    *,
    scheme: Scheme,
    period: Period,
    unit: str,
    officer: str | None,
    now: datetime,
    language: Language,
    known: Score | None = None,
    written: str = "",
) -> tuple[Score, Explanation]:
    """Return one score and its explanation; raise NotFound or NotScored as `read_scores` does.

    A score that is `known`, as that of a closed period is, is not computed. With the period as it
    is `written` in a report, readings do not say of when they are: the report does.
    """
    score = known
    if score is None:
        asked = Asked(unit=unit, officer=officer)
        (score,) = await read_scores(connection, scheme, period, asked, now)
    vietnamese = language is Language.VI
    units = {
        found.id: found.name_vi if vietnamese else found.name_en
        for _, tree in await read_history(connection, period)
        for found in tree.units.values()
    }
    kpis = {each.id: each.name_vi if vietnamese else each.name_en for each in definitions()}
    names = Names(
        whom=officer or "",
        unit=units.get(unit, unit),
        kpis=kpis,
        period=written,
        dated=not written,
    )
    return score, explain(scheme, score, names, language)
