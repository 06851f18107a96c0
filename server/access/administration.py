"""Accounts, keys and screens over REST, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from server.access import accounts, keys, screens
from server.access.accounts import AccountListed, RoleHeld
from server.access.authentication import Authenticator, authenticator_of
from server.access.guard import allow
from server.access.keys import KeyListed
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.roles import Role
from server.access.screens import ScreenListed
from server.access.sessions import OwnSession, WriteSession
from server.audit.entries import Action
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["administration"])

Auth = Annotated[Authenticator, Depends(authenticator_of)]

READS = Depends(allow(Right.READ_ACCOUNTS))
WRITES = Depends(allow(Right.WRITE_ACCOUNTS))
_WRITING = UNKNOWN | EXISTS | REFUSED | UNAVAILABLE


class RoleRequest(BaseModel):
    """A role, and the unit in which it is held; without one, the whole province."""

    role: Role
    unit: str | None = Field(default=None, max_length=63)


class AccountRequest(BaseModel):
    """A new account."""

    name: str = Field(max_length=63)
    full_name: str = Field(default="", max_length=200)
    officer: str | None = Field(default=None, max_length=63)
    roles: list[RoleRequest] = Field(min_length=1, max_length=20)


class KeyRequest(BaseModel):
    """A new key."""

    name: str = Field(max_length=63)
    rights: list[Right] = Field(min_length=1, max_length=len(Right))
    unit: str | None = Field(default=None, max_length=63)
    ends_at: datetime | None = None


class ScreenRequest(BaseModel):
    """A new screen, or one that begins anew."""

    name: str = Field(max_length=63)
    unit: str | None = Field(default=None, max_length=63)
    scenes: list[str] | None = Field(default=None, max_length=20)


class ShownOnce(BaseModel):
    """What is shown this once: the token of a link, a key, or the code of a screen."""

    token: str


@router.get("/accounts", responses=UNAVAILABLE, dependencies=[READS])
async def list_accounts(page: Paged, session: OwnSession) -> list[AccountListed]:
    """Every account with its roles."""
    return page.following(await session.run(accounts.list_accounts), lambda each: each.name)


@router.post("/accounts", status_code=201, responses=_WRITING, dependencies=[WRITES])
async def add_account(asked: AccountRequest, session: WriteSession, recorder: Rec) -> ShownOnce:
    """Make an account; its owner sets the password by the link with this token, within a day."""
    now = datetime.now(UTC)

    async def write(connection: AsyncConnection) -> str:
        roles = [RoleHeld(role=each.role, unit=each.unit) for each in asked.roles]
        account = await accounts.add_account(
            connection,
            name=asked.name,
            roles=roles,
            full_name=asked.full_name,
            officer=asked.officer,
        )
        held = [f"{each.role}:{each.unit or 'province'}" for each in asked.roles]
        await recorder.note(connection, Action.ACCOUNT_ADDED, asked.name, roles=held)
        return await accounts.new_link(connection, account, now)

    return ShownOnce(token=await session.run(write))


@router.post("/accounts/{name}/link", status_code=201, responses=_WRITING, dependencies=[WRITES])
async def reset_account(name: str, session: WriteSession, auth: Auth, recorder: Rec) -> ShownOnce:
    """Reset an account: password and second factor are void, a one-time link sets new ones."""

    async def write(connection: AsyncConnection) -> str:
        await recorder.note(connection, Action.ACCOUNT_RESET, name)
        return await accounts.reset_account(connection, name, datetime.now(UTC))

    token = await session.run(write)
    auth.forget()
    return ShownOnce(token=token)


@router.delete("/accounts/{name}", status_code=204, responses=_WRITING, dependencies=[WRITES])
async def disable_account(name: str, session: WriteSession, auth: Auth, recorder: Rec) -> Response:
    """Disable an account; the last administrator stays."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.ACCOUNT_DISABLED, name)
        await accounts.disable_account(connection, name, datetime.now(UTC))

    await session.run(write)
    auth.forget()
    return Response(status_code=204)


@router.get("/keys", responses=UNAVAILABLE, dependencies=[READS])
async def list_keys(page: Paged, session: OwnSession) -> list[KeyListed]:
    """Every key, without what it was shown as."""
    return page.following(await session.run(keys.list_keys), lambda each: each.name)


@router.post("/keys", status_code=201, responses=_WRITING, dependencies=[WRITES])
async def add_key(asked: KeyRequest, session: WriteSession, recorder: Rec) -> ShownOnce:
    """Make a key for a program."""

    async def write(connection: AsyncConnection) -> str:
        rights = [str(right) for right in asked.rights]
        await recorder.note(
            connection, Action.KEY_ADDED, asked.name, rights=rights, unit=asked.unit
        )
        return await keys.add_key(
            connection,
            name=asked.name,
            rights=asked.rights,
            unit=asked.unit,
            ends_at=asked.ends_at,
        )

    return ShownOnce(token=await session.run(write))


@router.delete("/keys/{name}", status_code=204, responses=_WRITING, dependencies=[WRITES])
async def revoke_key(name: str, session: WriteSession, auth: Auth, recorder: Rec) -> Response:
    """Revoke a key."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.KEY_REVOKED, name)
        await keys.revoke_key(connection, name, datetime.now(UTC))

    await session.run(write)
    auth.forget()
    return Response(status_code=204)


@router.get("/screens", responses=UNAVAILABLE, dependencies=[READS])
async def list_screens(page: Paged, session: OwnSession) -> list[ScreenListed]:
    """Every wall's screen."""
    return page.following(await session.run(screens.list_screens), lambda each: each.name)


@router.post("/screens", status_code=201, responses=_WRITING, dependencies=[WRITES])
async def add_screen(
    asked: ScreenRequest, session: WriteSession, auth: Auth, recorder: Rec
) -> ShownOnce:
    """Make a screen, or let it begin anew; the code opens its first address once."""

    async def write(connection: AsyncConnection) -> str:
        await recorder.note(connection, Action.SCREEN_ADDED, asked.name, unit=asked.unit)
        return await screens.add_screen(
            connection,
            name=asked.name,
            unit=asked.unit,
            scenes=asked.scenes,
            now=datetime.now(UTC),
        )

    code = await session.run(write)
    auth.forget()
    return ShownOnce(token=code)


@router.delete("/screens/{name}", status_code=204, responses=_WRITING, dependencies=[WRITES])
async def revoke_screen(name: str, session: WriteSession, auth: Auth, recorder: Rec) -> Response:
    """Revoke a screen: its wall goes dark within seconds."""

    async def write(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.SCREEN_REVOKED, name)
        await screens.revoke_screen(connection, name, datetime.now(UTC))

    await session.run(write)
    auth.forget()
    return Response(status_code=204)
