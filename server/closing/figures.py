"""Reads what a period's figures are: readings, ranks and classes, as anybody may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading, Timing
from server.closing.canonical import canonical, plain, sha256
from server.errors import NotScored
from server.kpi.catalogue import CATALOGUE
from server.periods import Period
from server.rankings.answers import ranked_kinds
from server.rankings.measures import MEASURES
from server.rankings.store import RankingQuestion, rank, read_material
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.schemes.answers import class_of
from server.schemes.library import Schemes, scheme_of
from server.schemes.schemes import Level, Scheme
from server.schemes.store import Asked, read_scores
from server.scopes import PROVINCE
from server.units.units import TreeView

_KPIS = tuple(
    kpi for kpi in CATALOGUE if kpi.source.timing is Timing.PERIOD and not kpi.source.on_request
)
"""What is told of a period from totals: what is read on request rests on messages alone."""

VERSIONED = ("catalogue", "schemes")
"""By what figures are computed: another version of it gives other figures of the same rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is told of a period, as JSON values, and by which versions of KPIs and schemes."""

    readings: Sequence[Mapping[str, Any]]
    rankings: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    catalogue: Mapping[str, int]
    schemes: Sequence[Mapping[str, Any]]


async def read_figures(
    connection: AsyncConnection, period: Period, schemes: Schemes, now: datetime
) -> Figures:
    """Return the figures of a period at `now`, in one consistent view of the database.

    By the units of the period's own days, withheld wherever they would name an officer.
    """
    scoring = tuple(_scoring(schemes, period))
    return Figures(
        readings=await _readings(connection, period, now),
        rankings=await _rankings(connection, period, now),
        classes=await _classes(connection, scoring, period, now),
        catalogue={kpi.id: kpi.version for kpi in _KPIS},
        schemes=[_named(scheme) for scheme in scoring],
    )


async def _readings(
    connection: AsyncConnection, period: Period, now: datetime
) -> list[dict[str, Any]]:
    whole = Question(kpis=_KPIS, scope=PROVINCE, period=period, tree=TreeView.THEN)
    found: list[Reading] = []
    for question in (whole, replace(whole, by=Breakdown.UNIT)):
        found += await read_readings(connection, question, now)
    # When the newest message came is no figure of the period, and nobody waits for a recount.
    return [plain(replace(each, observed_at=None, recounting=None)) for each in found]


async def _rankings(
    connection: AsyncConnection, period: Period, now: datetime
) -> list[dict[str, Any]]:
    rankings = []
    for kpi in MEASURES:
        question = RankingQuestion(kpi=kpi, period=period)
        tables = await rank(await read_material(connection, question, now, patient=True))
        for each in ranked_kinds(tables):
            # Confidence sets come from the worker, in their own time.
            rows = tuple(replace(row, confidence_set=None) for row in each.rows)
            rankings.append({"kpi": kpi, "by": "unit", **plain(replace(each, rows=rows))})
    return rankings


async def _classes(
    connection: AsyncConnection, scoring: Sequence[Scheme], period: Period, now: datetime
) -> list[dict[str, Any]]:
    classes = []
    for scheme in scoring:
        for score in await read_scores(connection, scheme, period, Asked(), now):
            said = {"scheme": scheme.id, "version": scheme.version, **plain(class_of(score))}
            classes.append(said)
    return classes


def _scoring(schemes: Schemes, period: Period) -> list[Scheme]:
    """Return the schemes of units that score the period; officers' points are in their own acts."""
    found = []
    for id_ in dict.fromkeys(scheme.id for scheme in schemes):
        try:
            scheme = scheme_of(schemes, id_, period)
        except NotScored:
            continue
        if scheme.level is Level.UNIT:
            found.append(scheme)
    return found


def _named(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme's version with the digest of all that it says."""
    said = canonical(plain(scheme))
    return {"id": scheme.id, "version": scheme.version, "sha256": sha256(said)}
