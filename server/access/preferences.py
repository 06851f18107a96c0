"""How pages look to whoever is signed in, kept with the account rather than in one browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Response
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field

from contract.access import Preferences
from contract.texts import Language
from runtime.sql import statements
from server.access.authentication import Who
from server.access.guard import allow
from server.access.principals import Principal
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import OwnSession, WriteSession
from server.errors import NotFound

router = APIRouter(prefix="/api/v1/me/preferences", tags=["access"])

_SQL = statements("server.access", "preferences.sql")
_MOST_COLUMNS = 30

_Column = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


class PreferencesRequest(BaseModel):
    """What is chosen anew: what is left out stays as it is, null is as if it was never chosen."""

    model_config = ConfigDict(extra="forbid")

    rankings_columns: tuple[_Column, ...] | None = Field(default=None, max_length=_MOST_COLUMNS)
    language: Language | None = None
    theme: Literal["light", "dark"] | None = None


@router.get(
    "", responses=UNKNOWN | UNAVAILABLE, dependencies=[Depends(allow(Right.READ_OWN_ACCOUNT))]
)
async def preferences(principal: Who, session: OwnSession) -> Preferences:
    """How pages look to whoever asks; null is what was never chosen."""
    account = _account_of(principal)

    async def read(connection: AsyncConnection) -> Preferences:
        return await read_preferences(connection, account)

    return await session.run(read)


@router.put(
    "",
    status_code=204,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_OWN_ACCOUNT))],
)
async def put_preferences(
    asked: PreferencesRequest, principal: Who, session: WriteSession
) -> Response:
    """Keep how pages look to whoever asks."""
    account = _account_of(principal)
    chosen = asked.model_dump(mode="json", exclude_unset=True)

    async def write(connection: AsyncConnection) -> None:
        of = {"account": account, "chosen": Jsonb(chosen), "now": datetime.now(UTC)}
        await connection.execute(_SQL["choose"], of)

    await session.run(write)
    return Response(status_code=204)


async def read_preferences(connection: AsyncConnection, account: UUID) -> Preferences:
    """Return what an account has chosen; what this release does not know is left out."""
    cursor = await connection.execute(_SQL["preferences"], {"account": account})
    row = await cursor.fetchone()
    return Preferences() if row is None else msgspec.convert(row[0], Preferences)


def _account_of(principal: Principal) -> UUID:
    if principal.account is None:
        raise NotFound("whoever asks has no account")
    return principal.account
