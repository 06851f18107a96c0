"""Signing in and out, and what everybody may see and change of their own account."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field, SecretStr

from contract.access import RecoveryCodes, ScreenEntered, SecondFactorBegun, SignedIn, Visitor
from server.access import second_factors
from server.access.accounts import owner_of_link, use_link
from server.access.authentication import (
    Authenticator,
    Who,
    authenticator_of,
    bearer,
    origin_of,
)
from server.access.entrance import Attempt, Entrance
from server.access.guard import allow
from server.access.passwords import LONGEST, require_fit
from server.access.principals import Principal
from server.access.recording import Rec, Recorder
from server.access.responses import EXISTS, PAUSED, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.screens import enter_screen
from server.access.sessions import OwnSession, WriteSession
from server.access.sign_ins import SignIn, end_sign_in, list_sign_ins, mark_second_factor
from server.audit.entries import Action
from server.errors import NotFound
from server.scopes import PROVINCE, Scope
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["access"])

Auth = Annotated[Authenticator, Depends(authenticator_of)]


class SignInRequest(BaseModel):
    """Name and password, and the code of the second factor or a recovery code where one is set."""

    name: str = Field(max_length=100)
    password: SecretStr = Field(max_length=4 * LONGEST)
    code: SecretStr = Field(default=SecretStr(""), max_length=40)


class CodeRequest(BaseModel):
    """A code that the telephone shows."""

    code: SecretStr = Field(max_length=40)


class LinkRequest(BaseModel):
    """The token of a one-time link."""

    link: SecretStr = Field(max_length=100)


class PasswordRequest(LinkRequest):
    """The password that the link's owner sets."""

    password: SecretStr = Field(max_length=4 * LONGEST)


class ScreenRequest(BaseModel):
    """The code that a wall's first address carries."""

    code: SecretStr = Field(max_length=100)


def entrance_of(request: Request) -> Entrance:
    """Return the application's entrance."""
    entrance = request.app.state.entrance
    assert isinstance(entrance, Entrance)
    return entrance


@router.get("/me", responses=UNAVAILABLE, dependencies=[Depends(allow(Right.SIGN_IN))])
async def me(principal: Who) -> Visitor:
    """Who asks, and what they may do where."""
    return Visitor(
        name=principal.name,
        kind=principal.kind,
        full_name=principal.full_name,
        rights={right: reach.scopes() for right, reach in sorted(principal.reaches.items())},
        scenes=principal.scenes,
        turn_s=principal.turn_s,
        language=principal.language,
        owes_second_factor=principal.owes_second_factor,
        officer=principal.officer,
    )


@router.get(
    "/me/permission",
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.SIGN_IN))],
)
async def permission(principal: Who, right: Right, scope: str = "province") -> bool:
    """Whether whoever asks has the right in all of the scope."""
    return principal.may(right, Scope.parse(scope))


@router.post(
    "/sign-ins",
    status_code=201,
    responses=PAUSED | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.SIGN_IN))],
)
async def sign_in(
    request: Request,
    asked: SignInRequest,
    entrance: Annotated[Entrance, Depends(entrance_of)],
    session: WriteSession,
) -> SignedIn:
    """Sign in; every refusal has the same words, whichever part was wrong."""
    attempt = Attempt(
        name=asked.name.strip().lower(),
        password=asked.password.get_secret_value(),
        code=asked.code.get_secret_value(),
        origin=origin_of(request),
    )
    return await entrance.sign_in(session, attempt, datetime.now(UTC))


@router.get(
    "/sign-ins",
    responses=UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_OWN_ACCOUNT))],
)
async def sign_ins(page: Paged, principal: Who, session: OwnSession, auth: Auth) -> list[SignIn]:
    """Where the account is signed in, the last used first."""
    account = _account_of(principal)

    async def read(connection: AsyncConnection) -> list[SignIn]:
        return await list_sign_ins(connection, account, auth.settings, datetime.now(UTC))

    return page.following(await session.run(read), lambda each: each.id)


@router.delete(
    "/sign-ins/current",
    status_code=204,
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_OWN_ACCOUNT))],
)
async def sign_out(
    request: Request, principal: Who, session: WriteSession, auth: Auth, recorder: Rec
) -> Response:
    """Sign out: the token is void from now on."""
    if principal.sign_in is None:
        raise NotFound("nobody is signed in with this token")
    await _end(session, principal, principal.sign_in, recorder)
    auth.forget(bearer(request))
    return Response(status_code=204)


@router.delete(
    "/sign-ins/{sign_in}",
    status_code=204,
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_OWN_ACCOUNT))],
)
async def end(
    sign_in: UUID, principal: Who, session: WriteSession, auth: Auth, recorder: Rec
) -> Response:
    """End one of the places where the account is signed in."""
    await _end(session, principal, sign_in, recorder)
    auth.forget()
    return Response(status_code=204)


@router.post(
    "/second-factor",
    status_code=201,
    responses=EXISTS | UNKNOWN | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_OWN_ACCOUNT))],
)
async def begin_second_factor(principal: Who, session: WriteSession) -> SecondFactorBegun:
    """Begin to set up a second factor: what a telephone's application is given."""
    return await session.run(
        partial(second_factors.begin, account=_account_of(principal), name=principal.name)
    )


@router.post(
    "/second-factor/confirmed",
    status_code=201,
    responses=EXISTS | UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.WRITE_OWN_ACCOUNT))],
)
async def confirm_second_factor(
    asked: CodeRequest,
    request: Request,
    principal: Who,
    session: WriteSession,
    auth: Auth,
    recorder: Rec,
) -> RecoveryCodes:
    """Prove that the telephone shows the right code; answers with the recovery codes, this once."""
    account, code = _account_of(principal), asked.code.get_secret_value()

    async def write(connection: AsyncConnection) -> RecoveryCodes:
        codes = await second_factors.confirm(connection, account, code, datetime.now(UTC))
        await recorder.note(connection, Action.SECOND_FACTOR_SET, principal.name)
        if principal.sign_in is not None:
            await mark_second_factor(connection, principal.sign_in)
        return RecoveryCodes(codes=tuple(codes))

    confirmed = await session.run(write)
    auth.forget(bearer(request))
    return confirmed


@router.post(
    "/links/owner",
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.SIGN_IN))],
)
async def link_owner(asked: LinkRequest, session: OwnSession) -> dict[str, str]:
    """The name of the account whose one-time link it is, while it is good."""

    async def read(connection: AsyncConnection) -> dict[str, str]:
        link = asked.link.get_secret_value()
        owner = await owner_of_link(connection, link, datetime.now(UTC))
        return {"name": owner.name}

    return await session.run(read)


@router.post(
    "/links",
    status_code=204,
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.SIGN_IN))],
)
async def set_password_by_link(
    asked: PasswordRequest,
    session: WriteSession,
    entrance: Annotated[Entrance, Depends(entrance_of)],
    auth: Auth,
    recorder: Rec,
) -> Response:
    """Set the password of the link's owner, once; wherever they were signed in ends."""
    link, password = asked.link.get_secret_value(), asked.password.get_secret_value()
    now = datetime.now(UTC)

    async def check(connection: AsyncConnection) -> None:
        owner = await owner_of_link(connection, link, now)
        require_fit(password, names=(owner.name, *owner.full_name.split()))

    await session.run(check)
    hashed = await entrance.passwords.hash(password)

    async def write(connection: AsyncConnection) -> None:
        owner = await owner_of_link(connection, link, now)
        await use_link(connection, link, hashed, now)
        await recorder.note(connection, Action.PASSWORD_SET, owner.name)

    await session.run(write)
    auth.forget()
    return Response(status_code=204)


@router.post(
    "/screens/entered",
    status_code=201,
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.SIGN_IN))],
)
async def enter(asked: ScreenRequest, session: WriteSession, recorder: Rec) -> ScreenEntered:
    """Exchange a wall's one-time code for the token that its browser keeps."""

    async def write(connection: AsyncConnection) -> ScreenEntered:
        code = asked.code.get_secret_value()
        entered = await enter_screen(connection, code, datetime.now(UTC))
        await recorder.note(connection, Action.SCREEN_ENTERED, entered.name)
        scope = PROVINCE if entered.unit is None else Scope.subtree(entered.unit)
        return ScreenEntered(token=entered.token, name=entered.name, scope=str(scope))

    return await session.run(write)


async def _end(
    session: WriteSession, principal: Principal, sign_in: UUID, recorder: Recorder
) -> None:
    account = _account_of(principal)

    async def write(connection: AsyncConnection) -> None:
        await end_sign_in(connection, account, sign_in, datetime.now(UTC))
        await recorder.note(connection, Action.SIGNED_OUT, principal.name)

    await session.run(write)


def _account_of(principal: Principal) -> UUID:
    if principal.account is None:
        raise NotFound("whoever asks has no account")
    return principal.account
