"""New versions of schemes over REST: tried first, then put in force from a day to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.local_time import LOCAL_TIME
from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import allow
from server.access.principals import Principal
from server.access.recording import Rec
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import Forbidden
from server.schemes.answers import SchemeListed, listed
from server.schemes.library import SchemeFiles
from server.schemes.requests import Shipped
from server.schemes.versions import add_version, lock_versions, read_file, tried

router = APIRouter(prefix="/api/v1", tags=["classes"])

_LONGEST_FILE = 60_000


class SchemeFile(BaseModel):
    """A whole version of a scheme, as its TOML file has it."""

    toml: str = Field(min_length=1, max_length=_LONGEST_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOfScheme:
    """The file of one version."""

    toml: str


class SchemeRequest(SchemeFile):
    """A whole version, and why it is put in force."""

    reason: str = Field(min_length=1, max_length=2000)


@router.get(
    "/schemes/{scheme}/{version}",
    response_model=FileOfScheme,
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_CATALOGUE))],
)
async def scheme_file(
    request: Request,
    session: ReadSession,
    scheme: Annotated[str, Path(max_length=40)],
    version: Annotated[int, Path(ge=1, le=100_000)],
) -> Response:
    """The file of one version, to begin the next one with."""
    files = cast("SchemeFiles", request.app.state.scheme_files)
    text = await session.run(partial(read_file, shipped=files, scheme=scheme, version=version))
    return Response(encode(FileOfScheme(toml=text)), media_type="application/json")


@router.post(
    "/schemes/trial",
    response_model=SchemeListed,
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.CLOSE_PERIODS))],
)
async def try_scheme(
    asked: SchemeFile, session: ReadSession, who: Who, shipped: Shipped
) -> Response:
    """Check a version against itself, the catalogue and the versions before it; store nothing."""
    _require_province(who)
    today = datetime.now(UTC).astimezone(LOCAL_TIME).date()
    found = await session.run(partial(tried, shipped=shipped, text=asked.toml, today=today))
    return Response(encode(listed(found)), media_type="application/json")


@router.put(
    "/schemes",
    response_model=SchemeListed,
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.CLOSE_PERIODS))],
)
async def put_scheme(
    asked: SchemeRequest, session: WriteSession, who: Who, recorder: Rec, shipped: Shipped
) -> Response:
    """Add a version, which holds from its `valid_from` on and ends the one before it."""
    _require_province(who)
    now = datetime.now(UTC)

    async def write(connection: AsyncConnection) -> SchemeListed:
        await lock_versions(connection)
        today = now.astimezone(LOCAL_TIME).date()
        found = await tried(connection, shipped, asked.toml, today)
        await add_version(connection, found, asked.toml, (who.name, asked.reason, now))
        await recorder.note(
            connection,
            Action.SCHEME_ADDED,
            found.id,
            version=found.version,
            valid_from=found.valid_from.isoformat(),
            why=asked.reason,
        )
        return listed(found)

    return Response(encode(await session.run(write)), media_type="application/json")


def _require_province(who: Principal) -> None:
    if not who.reach(Right.CLOSE_PERIODS).everywhere:
        raise Forbidden("schemes hold for the whole province")
