"""Reads what a period's figures are: readings, ranks and classes, as anybody may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Timing
from server.closing.canonical import canonical, plain, sha256
from server.closing.editions import Edition, edition_of
from server.closing.particulars import Reads, read_particulars
from server.closing.parts import Part, listed
from server.errors import NotScored
from server.kpi.catalogue import CATALOGUE
from server.periods import Period
from server.rankings.measures import Ranked
from server.schemes.answers import class_of
from server.schemes.library import Schemes, scheme_of
from server.schemes.schemes import Level, Scheme
from server.schemes.store import Asked, read_scores
from server.units.store import read_tree

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
    """All that is told of a period: the figures of its document, and its parts.

    `before` is the edition of the period before, beside which changes are told.
    """

    figures: Figures
    parts: tuple[Part, ...]
    before: Edition | None


async def read_figures(
    connection: AsyncConnection,
    period: Period,
    schemes: Schemes,
    now: datetime,
    *,
    beside: AsyncConnection,
) -> Told:
    """Return the figures of a period at `now`, in the one view that `beside` has too.

    By the units of the period's own days; those of the document are withheld wherever they would
    name an officer.
    """
    assert period.end is not None
    scoring = tuple(_scoring(schemes, period))
    units = tuple(scheme for scheme in scoring if scheme.level is Level.UNIT)
    tree = await read_tree(connection, period.end - timedelta(days=1))
    reads = Reads(period=period, kpis=_KPIS, schemes=scoring, tree=tree, now=now)
    found = await read_particulars(connection, reads, beside)
    figures = Figures(
        readings=found.readings,
        rankings=found.rankings[Ranked.UNIT],
        classes=await _classes(connection, units, period, now),
        catalogue={kpi.id: kpi.version for kpi in _KPIS},
        schemes=[_named(scheme) for scheme in units],
        procedures=found.rankings[Ranked.PROCEDURE],
        parts=listed(found.parts),
    )
    before = await edition_of(connection, period.previous())
    return Told(figures=figures, parts=found.parts, before=before)


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
