"""What else the steering centre fetches: units, classes by law, and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection

from contract.readings import encode
from contract.texts import Language
from server.access.authentication import Who
from server.access.guard import allow
from server.access.responses import REFUSED, UNAVAILABLE, UNCHANGED, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.alerts.alerts import State
from server.alerts.answers import sees
from server.alerts.library import in_force
from server.alerts.rule_store import read_changes
from server.alerts.store import read_alerts
from server.exports.flat import as_csv
from server.exports.lists import (
    FlatAlert,
    FlatClass,
    FlatUnit,
    flat_alerts,
    flat_classes,
    flat_units,
)
from server.exports.routes import CSV, IN_CSV, Format
from server.periods import Period, today
from server.schemes.library import scheme_of
from server.schemes.requests import Known
from server.schemes.store import Asked, read_scores
from server.units.store import read_tree
from server.web.conditional import answer_unless_held, tag_of

router = APIRouter(prefix="/api/v1/ioc", tags=["steering centre"])

Lang = Annotated[Language, Query(description="The language of the names.")]
Written = Annotated[Format, Query(alias="format", description="json or csv.")]
_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE | UNCHANGED | IN_CSV


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatUnits:
    """The units of today's tree."""

    units: tuple[FlatUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatClasses:
    """Classes of units."""

    classes: tuple[FlatClass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatAlerts:
    """Alerts, the newest change first."""

    alerts: tuple[FlatAlert, ...]


@router.get(
    "/units",
    response_model=FlatUnits,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_UNITS))],
)
async def units(
    request: Request,
    session: ReadSession,
    who: Who,
    lang: Lang = Language.VI,
    format_: Written = Format.JSON,
) -> Response:
    """The units that the key may see, as the tree is today."""

    async def read(connection: AsyncConnection) -> list[FlatUnit]:
        return flat_units(await read_tree(connection, today(datetime.now(UTC))), lang)

    reach = who.reach(Right.READ_UNITS)
    found = tuple(each for each in await session.run(read) if reach.has(each.unit))
    return _answer(request, FlatUnits(units=found), found, FlatUnit, format_)


@router.get(
    "/classes",
    response_model=FlatClasses,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_FIGURES))],
)
async def classes(
    request: Request,
    session: ReadSession,
    who: Who,
    known: Known,
    scheme: Annotated[str, Query(max_length=40, description="A scheme of units.")],
    period: Annotated[str, Query(max_length=40, description="As in /readings.")],
    lang: Lang = Language.VI,
    format_: Written = Format.JSON,
) -> Response:
    """The classes of units by a scheme in a period."""
    now = datetime.now(UTC)
    wanted = Period.parse(period, now)
    version = scheme_of(known, scheme, wanted)

    async def read(connection: AsyncConnection) -> list[FlatClass]:
        scores = await read_scores(connection, version, wanted, Asked(), now)
        return flat_classes(scores, version, await read_tree(connection, today(now)), lang)

    reach = who.reach(Right.READ_FIGURES)
    found = tuple(each for each in await session.run(read) if reach.has(each.unit))
    return _answer(request, FlatClasses(classes=found), found, FlatClass, format_)


@router.get(
    "/alerts",
    response_model=FlatAlerts,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.READ_ALERTS))],
)
async def alerts(
    request: Request,
    session: ReadSession,
    who: Who,
    state: Annotated[list[State] | None, Query(description="Without: every open one.")] = None,
    lang: Lang = Language.VI,
    format_: Written = Format.JSON,
) -> Response:
    """The alerts of the units that the key may see."""
    states = [each for each in State if each.is_open] if state is None else state

    async def read(connection: AsyncConnection) -> list[FlatAlert]:
        found = await read_alerts(connection, states=states)
        rules = in_force(await read_changes(connection))
        tree = await read_tree(connection, today(datetime.now(UTC)))
        return flat_alerts(
            [each for each in found if sees(who, Right.READ_ALERTS, each.unit)], rules, tree, lang
        )

    found = tuple(await session.run(read))
    return _answer(request, FlatAlerts(alerts=found), found, FlatAlert, format_)


def _answer(
    request: Request, answer: object, rows: tuple[Any, ...], kind: type, format_: Format
) -> Response:
    body, media_type = encode(answer), "application/json"
    if format_ is Format.CSV:
        body, media_type = as_csv(rows, kind).encode(), CSV
    return answer_unless_held(request, body, tag_of(body), media_type=media_type)
