"""Figures of closed periods over REST, as a version of them has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection

from contract.readings import Reading, Withheld, encode
from server.access.authentication import Who
from server.access.guard import At, allow, officers_seen
from server.access.principals import NOWHERE, Reach
from server.access.recording import Rec, Recorder, officers_recorded
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.closing.answers import ClosedDossiers, ClosedRankings, ClosedReadings, ClosedScores
from server.closing.holdings import Holdings, read_holdings, reading_of
from server.closing.parts import PartKind
from server.closing.ranked import AskedRanks, ranked_kinds_of
from server.closing.routes import AsOf, Version, instant, period_of
from server.closing.store import read_version
from server.rankings.measures import Ranked
from server.scopes import PROVINCE, Part, Scope, ScopeKind

router = APIRouter(prefix="/api/v1/closings", tags=["closed periods"])

_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE
_FIGURES = [Depends(allow(Right.READ_FIGURES, At.SCOPE)), Depends(officers_recorded)]

ScopeText = Annotated[str, Query(description="province, subtree:UNIT or unit:UNIT;officer:CODE.")]


@router.get(
    "/{period}/readings", response_model=ClosedReadings, responses=_ANSWERS, dependencies=_FIGURES
)
async def closed_readings(
    period: str,
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    scope: Annotated[
        str, Query(description="province, subtree:UNIT, counter:UNIT/… or unit:UNIT;officer:CODE.")
    ] = "province",
    kpi: Annotated[list[str] | None, Query(description="Without any, all.")] = None,
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """Readings of a closed period as they were closed, with the version that they are of."""
    place = Scope.parse(scope)
    held = await _held(session, period, version, as_of, PartKind, _units(place), place)
    found = [
        each
        for each in _readings(held, place, officers_seen(who))
        if each.scope == str(place) and (not kpi or each.kpi in kpi)
    ]
    if any(each.named for each in found):
        kpis = sorted({each.kpi for each in found if each.named})
        await _note_named(writing, recorder, place, period, kpis)
    return _json(ClosedReadings(**_version(held), readings=tuple(found)))


@router.get(
    "/{period}/rankings", response_model=ClosedRankings, responses=_ANSWERS, dependencies=_FIGURES
)
async def closed_rankings(
    period: str,
    session: ReadSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    kpi: Annotated[str, Query(description="As of /rankings.")] = "share_satisfied",
    by: Annotated[Ranked, Query(description="What is ranked.")] = Ranked.UNIT,
    scope: Annotated[str, Query(description="province or subtree:UNIT.")] = "province",
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """Ranks of a closed period as they were closed; none where the version holds none of these."""
    place = Scope.parse(scope)
    seen = officers_seen(who)
    # Rows of officers, and of units that few served, stand in the parts of the units below.
    units = None if by is Ranked.OFFICER or not seen.takes_in(place) else [place.unit or ""]
    held = await _held(session, period, version, as_of, PartKind, units)
    kinds = tuple(_kinds(held, kpi, by, place, seen))
    if any(row.get("named") for each in kinds for row in each["rows"]):
        await _note_named(writing, recorder, place, period, [kpi])
    return _json(ClosedRankings(**_version(held), kpi=kpi, by=by, kinds=kinds))


@router.get(
    "/{period}/classes", response_model=ClosedScores, responses=_ANSWERS, dependencies=_FIGURES
)
async def closed_classes(
    period: str,
    session: ReadSession,
    scheme: Annotated[str, Query(description="For instance qd766-2022.")],
    scope: ScopeText = "province",
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """Points and classes of a closed period with what each rests on, as they were closed."""
    place = Scope.parse(scope)
    officer = place.parts.get(Part.OFFICER)
    kind = PartKind.UNIT if officer is None else PartKind.OFFICER
    held = await _held(session, period, version, as_of, [kind], _units(place), place)
    scores = [
        {**said, "officer": part.officer} if part.officer else said
        for part, said in held.said(kind, "scores")
        if said["scheme"] == scheme
    ]
    return _json(ClosedScores(**_version(held), scheme=scheme, scores=tuple(scores)))


@router.get(
    "/{period}/dossiers",
    response_model=ClosedDossiers,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_FIGURES, At.SCOPE))],
)
async def closed_dossiers(
    period: str,
    session: ReadSession,
    scope: Annotated[str, Query(description="province or subtree:UNIT.")] = "province",
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """Counts of dossiers of a closed period by unit and family, as they were closed."""
    units = _units(Scope.parse(scope))
    held = await _held(session, period, version, as_of, [PartKind.UNIT], units)
    found = [{"unit": part.unit, **said} for part, said in held.said(PartKind.UNIT, "dossiers")]
    return _json(ClosedDossiers(**_version(held), dossiers=tuple(found)))


async def _held(
    session: ReadSession,
    period: str,
    version: int | None,
    as_of: datetime | None,
    kinds: Iterable[PartKind],
    units: Iterable[str] | None,
    place: Scope = PROVINCE,
) -> Holdings:
    wanted, officer = period_of(period), place.parts.get(Part.OFFICER)

    async def read(connection: AsyncConnection) -> Holdings:
        closing = await read_version(connection, wanted, version=version, as_of=instant(as_of))
        return await read_holdings(connection, closing, kinds=kinds, units=units, officer=officer)

    return await session.run(read)


def _units(place: Scope) -> list[str] | None:
    return None if place.unit is None else [place.unit]


def _readings(held: Holdings, place: Scope, seen: Reach) -> Iterator[Reading]:
    """Yield the readings of a place and others; those that name officers by right alone."""
    officer = place.parts.get(Part.OFFICER)
    if officer is not None:
        for _, said in held.said(PartKind.OFFICER, "readings"):
            yield replace(reading_of(said), scope=str(place))
        return
    name = "counters" if place.kind is ScopeKind.COUNTER else "readings"
    named = (
        {}
        if seen == NOWHERE
        else {
            (each.kpi, each.scope): each
            for _, said in held.said(PartKind.NAMED, name)
            for each in [reading_of(said)]
        }
    )
    public: Iterable[Mapping[str, Any]] = held.figures["readings"]
    if place.kind is ScopeKind.COUNTER:
        public = (said for _, said in held.said(PartKind.UNIT, name))
    for each in map(reading_of, public):
        instead = named.get((each.kpi, each.scope))
        hidden = each.withheld is Withheld.FEW_OFFICERS
        yield instead if instead is not None and hidden else each


def _kinds(
    held: Holdings, kpi: str, by: Ranked, place: Scope, seen: Reach
) -> Iterator[Mapping[str, Any]]:
    """Yield each kind that was ranked; those that name officers by right alone."""
    asked = AskedRanks(kpi=kpi, by=by, scope=place)
    for each in ranked_kinds_of(held, asked, seen) or ():
        told: dict[str, Any] = {
            name: value for name, value in each.items() if name not in ("kpi", "by", "scope")
        }
        if by is Ranked.OFFICER:
            told["rows"] = [
                {**said["row"], "member": part.officer}
                for part, said in held.said(PartKind.OFFICER, "ranks")
                if asked.is_told(said) and said["kind"] == each["kind"]
            ]
        yield told


def _version(held: Holdings) -> dict[str, Any]:
    closing = held.closing
    return {
        "period": closing.period,
        "version": closing.version,
        "closed_at": closing.closed_at,
        "digest": closing.digest.hex(),
    }


async def _note_named(
    writing: WriteSession, recorder: Recorder, place: Scope, period: str, kpis: list[str]
) -> None:
    """Record a look at figures that name officers because few served, before they are told."""
    note = partial(
        recorder.note,
        action=Action.OFFICER_SEEN,
        subject=str(place),
        kpis=kpis,
        period=period_of(period),
        because="few_officers",
    )
    await writing.run(note)


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
