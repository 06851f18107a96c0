"""Reads what a period's figures are: readings, ranks and classes, as anybody may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading, Timing
from server.closing.canonical import canonical, plain, sha256
from server.closing.particulars import Reads, read_particulars
from server.closing.parts import Part, listed
from server.errors import NotScored
from server.kpi.catalogue import CATALOGUE
from server.periods import Period
from server.rankings.answers import ranked_kinds
from server.rankings.measures import MEASURES, Ranked
from server.rankings.store import RankingQuestion, rank, read_material
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.schemes.answers import class_of
from server.schemes.library import Schemes, scheme_of
from server.schemes.schemes import Level, Scheme
from server.schemes.store import Asked, read_scores
from server.scopes import PROVINCE
from server.units.store import read_tree
from server.units.units import TreeView

_KPIS = tuple(
    kpi for kpi in CATALOGUE if kpi.source.timing is Timing.PERIOD and not kpi.source.on_request
)
"""What is told of a period from totals: what is read on request rests on messages alone."""

VERSIONED = ("catalogue", "schemes")
"""By what figures are computed: another version of it gives other figures of the same rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is told of a period, as JSON values, and by which versions of KPIs and schemes.

    `parts` are the digests of what is kept beside the document. Documents of format 1 have neither
    them nor `procedures`.
    """

    readings: Sequence[Mapping[str, Any]]
    rankings: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    catalogue: Mapping[str, int]
    schemes: Sequence[Mapping[str, Any]]
    procedures: Sequence[Mapping[str, Any]] = ()
    parts: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that is told of a period: the figures of its document, and its parts."""

    figures: Figures
    parts: tuple[Part, ...]


async def read_figures(
    connection: AsyncConnection, period: Period, schemes: Schemes, now: datetime
) -> Told:
    """Return the figures of a period at `now`, in one consistent view of the database.

    By the units of the period's own days; those of the document are withheld wherever they would
    name an officer.
    """
    assert period.end is not None
    scoring = tuple(_scoring(schemes, period))
    units = tuple(scheme for scheme in scoring if scheme.level is Level.UNIT)
    tree = await read_tree(connection, period.end - timedelta(days=1))
    reads = Reads(period=period, kpis=_KPIS, schemes=scoring, tree=tree, now=now)
    parts = await read_particulars(connection, reads)
    figures = Figures(
        readings=await _readings(connection, period, now),
        rankings=await _rankings(connection, period, now, Ranked.UNIT),
        classes=await _classes(connection, units, period, now),
        catalogue={kpi.id: kpi.version for kpi in _KPIS},
        schemes=[_named(scheme) for scheme in units],
        procedures=await _rankings(connection, period, now, Ranked.PROCEDURE),
        parts=listed(parts),
    )
    return Told(figures=figures, parts=parts)


def comparable(figures: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the figures that a stored document has, whatever its format. Pure."""
    return {name: figures[name] for name in stored if name in figures}


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
    connection: AsyncConnection, period: Period, now: datetime, by: Ranked
) -> list[dict[str, Any]]:
    rankings = []
    for kpi, measured in MEASURES.items():
        if by not in measured.by:
            continue
        question = RankingQuestion(kpi=kpi, period=period, by=by)
        tables = await rank(await read_material(connection, question, now, patient=True))
        for each in ranked_kinds(tables):
            # Confidence sets come from the worker, in their own time.
            rows = tuple(replace(row, confidence_set=None) for row in each.rows)
            rankings.append({"kpi": kpi, "by": str(by), **plain(replace(each, rows=rows))})
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
    """Return the schemes that score the period."""
    found = []
    for id_ in dict.fromkeys(scheme.id for scheme in schemes):
        try:
            found.append(scheme_of(schemes, id_, period))
        except NotScored:
            continue
    return found


def _named(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme's version with the digest of all that it says."""
    said = canonical(plain(scheme))
    return {"id": scheme.id, "version": scheme.version, "sha256": sha256(said)}
