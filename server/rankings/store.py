"""Reads what units are judged by, and ranks those of each kind among themselves."""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from contract.readings import Withheld
from server.access.principals import NOWHERE, Reach
from server.errors import NotFound, PeriodInvalid
from server.facts.sources import Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID
from server.periods import Period, today
from server.rankings.measures import MEASURES
from server.rankings.tables import Count, Row, rank_units
from server.readings.concealment import serving_source
from server.readings.guarding import concealed_in
from server.readings.readings import Question, sources_of
from server.scopes import PROVINCE, Scope
from server.units.store import read_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedKind:
    """The units of one kind; like is ranked with like."""

    kind: str
    rows: tuple[Row, ...]


async def read_counts(
    connection: AsyncConnection,
    kpi: str,
    period: Period,
    now: datetime,
    seen: Reach = NOWHERE,
) -> dict[str, list[Count]]:
    """Return successes and n of each accepted unit, by the unit's kind.

    Of units whose figure would name an officer outside `seen` none are told. Raises NotFound for a
    KPI that units cannot be ranked by and PeriodInvalid for now.
    """
    if kpi not in MEASURES:
        raise NotFound(f"units cannot be ranked by {kpi!r}; choose one of {', '.join(MEASURES)}")
    if period.is_now:
        raise PeriodInvalid("units are ranked over a span of days, not now")
    sources_of(Question(kpis=(BY_ID[kpi],), scope=PROVINCE, period=period))
    source = BY_ID[kpi].source
    tree = await read_tree(connection, today(now))
    totals = {
        fact.unit: fact.totals
        for fact in await read_facts(connection, source, Selection(period=period))
    }
    found: defaultdict[str, list[Count]] = defaultdict(list)
    guarded = serving_source(BY_ID[kpi]) is not None
    concealed = await concealed_in(connection, tree, period) if guarded else frozenset()
    for unit in tree.accepted:
        named = Scope.of_unit(unit) in concealed
        if named and not seen.has(unit):
            found[tree.units[unit].kind].append(Count(unit=unit, withheld=Withheld.FEW_OFFICERS))
            continue
        own = source.total(totals[each] for each in tree.counted(unit) if each in totals)
        successes, n = MEASURES[kpi](own)
        found[tree.units[unit].kind].append(Count(unit=unit, successes=successes, n=n, named=named))
    return dict(found)


async def rank(counts: dict[str, list[Count]], *, question: str) -> tuple[RankedKind, ...]:
    """Return the units of each kind with their ranks; the same question gives the same draws."""
    seed = zlib.crc32(question.encode())
    return tuple(
        [
            RankedKind(kind=kind, rows=await asyncio.to_thread(rank_units, own, seed=seed))
            for kind, own in sorted(counts.items())
        ]
    )
