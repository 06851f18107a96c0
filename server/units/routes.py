"""The tree of units over REST."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection

from contract.readings import Unit, encode
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import recorded
from server.access.responses import UNCHANGED, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import NotFound
from server.periods import today
from server.units.store import accept_unit, read_tree
from server.units.units import UnitTree
from server.web.conditional import answer_unless_held, tag_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/units", tags=["units"])


@router.get(
    "",
    response_model=list[Unit],
    responses=UNCHANGED,
    dependencies=[Depends(allow(Right.READ_UNITS))],
)
async def units(
    request: Request,
    page: Paged,
    session: ReadSession,
    who: Who,
    day: Annotated[
        date | None, Query(description="The tree as it was on this day, as 2025-06-30; else today.")
    ] = None,
) -> Response:
    """Every unit that is valid on a day, and that the principal may read, in their order."""
    reach = who.reach(Right.READ_UNITS)
    tree = await session.run(partial(read_tree, day=day or today(datetime.now(UTC))))
    seen = [unit for unit in tree.units.values() if reach.has(unit.id)]
    body = encode(page.following(seen, lambda unit: unit.id))
    return answer_unless_held(request, body, tag_of(body), headers=page.headers)


@router.get(
    "/{unit}",
    responses=UNKNOWN,
    dependencies=[Depends(allow(Right.READ_UNITS, At.UNIT))],
)
async def unit_of(unit: str, session: ReadSession) -> Unit:
    """One unit that is valid today; `/api/v1/readings?scope=subtree:UNIT` has its figures."""
    tree = await session.run(_tree_of_today)
    return _found(tree, unit)


def _found(tree: UnitTree, unit: str) -> Unit:
    if unit not in tree.units:
        raise NotFound(f"unit {unit!r} is not known; GET /api/v1/units lists them")
    return tree.units[unit]


@router.post(
    "/{unit}/accept",
    responses=UNKNOWN,
    dependencies=[
        Depends(allow(Right.MANAGE_UNITS, At.UNIT)),
        Depends(recorded(Action.UNIT_ACCEPTED, "unit")),
    ],
)
async def accept(unit: str, session: WriteSession) -> Unit:
    """Let a unit that only a message named stand on the province's wall and in its figures."""

    async def work(connection: AsyncConnection) -> UnitTree:
        await accept_unit(connection, unit)
        return await _tree_of_today(connection)

    tree = await session.run(work)
    return _found(tree, unit)


async def _tree_of_today(connection: AsyncConnection) -> UnitTree:
    return await read_tree(connection, today(datetime.now(UTC)))
