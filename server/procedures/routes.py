"""Procedures and their families over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from contract.readings import encode
from server.access.batches import add_batches
from server.access.guard import allow
from server.access.responses import UNAVAILABLE, UNCHANGED
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.access.uploads import add_import
from server.procedures.imports import PROCEDURES
from server.procedures.procedures import Family, Procedure
from server.procedures.store import read_families, read_procedures
from server.web.conditional import answer_unless_held, tag_of
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["procedures"])

add_batches(
    router, "procedures", PROCEDURES, right=Right.MANAGE_UNITS, told="Store procedures and limits"
)
add_import(
    router,
    "procedures",
    PROCEDURES,
    right=Right.MANAGE_UNITS,
    told="Check or import a table of procedures, their families and limits.",
)

READS = Depends(allow(Right.READ_CATALOGUE))


@router.get(
    "/procedures",
    response_model=list[Procedure],
    responses=UNAVAILABLE | UNCHANGED,
    dependencies=[READS],
)
async def procedures(
    request: Request,
    page: Paged,
    session: ReadSession,
    family: Annotated[str | None, Query(max_length=63, description="Only this family's.")] = None,
) -> Response:
    """The procedures that dossiers are about, with their limits, by code."""
    known = await session.run(read_procedures)
    wanted = [each for each in known.values() if family is None or each.family == family]
    found = page.of(sorted(wanted, key=lambda each: each.code), lambda each: (each.code,))
    body = encode(found)
    return answer_unless_held(request, body, tag_of(body), headers=page.headers)


@router.get(
    "/families",
    response_model=list[Family],
    responses=UNAVAILABLE | UNCHANGED,
    dependencies=[READS],
)
async def families(request: Request, page: Paged, session: ReadSession) -> Response:
    """The fields of administration that group procedures."""
    found = page.of(await session.run(read_families), lambda each: (each.id,))
    body = encode(found)
    return answer_unless_held(request, body, tag_of(body), headers=page.headers)
