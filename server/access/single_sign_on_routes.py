"""The province's single sign-on over REST; the dashboards carry the browser there and back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from psycopg import AsyncConnection
from pydantic import BaseModel, Field, SecretStr

from contract.access import SignedIn, SignOnBegun, SignOnOffered
from server.access import single_sign_on
from server.access.accounts import RoleHeld
from server.access.authentication import authenticator_of, origin_of
from server.access.guard import allow
from server.access.provider import Provider
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import SignOnSession, WriteSession
from server.errors import NotFound

router = APIRouter(prefix="/api/v1/single-sign-on", tags=["access"])

ANYONE = Depends(allow(Right.SIGN_IN))


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleSignOn:
    """The provider, and the role of each of its groups."""

    provider: Provider
    roles: dict[str, RoleHeld]


class AnswerRequest(BaseModel):
    """What the browser came back with, and what it was given before."""

    state: SecretStr = Field(max_length=200)
    code: SecretStr = Field(max_length=4000)
    browser: SecretStr = Field(max_length=200)
    iss: str = Field(default="", max_length=400)


def sign_on_of(request: Request) -> SingleSignOn:
    """Return the application's single sign-on."""
    found = request.app.state.single_sign_on
    assert isinstance(found, SingleSignOn)
    return found


SignOn = Annotated[SingleSignOn, Depends(sign_on_of)]


@router.get("", dependencies=[ANYONE])
async def offered(sign_on: SignOn) -> SignOnOffered:
    """Whether there is a single sign-on."""
    return SignOnOffered(
        offered=sign_on.provider.is_set, sign_out=await sign_on.provider.logout_address()
    )


@router.post("", status_code=201, responses=UNKNOWN | UNAVAILABLE, dependencies=[ANYONE])
async def begin(sign_on: SignOn, session: WriteSession) -> SignOnBegun:
    """Begin to sign in: where the browser is sent."""
    if not sign_on.provider.is_set:
        raise NotFound("there is no single sign-on here")
    asked = await sign_on.provider.ask()
    browser = secrets.token_urlsafe(32)
    await session.run(
        partial(single_sign_on.begin, asked=asked, browser=browser, now=datetime.now(UTC))
    )
    return SignOnBegun(address=asked.address, browser=browser)


@router.post(
    "/answered",
    status_code=201,
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=[ANYONE],
)
async def answered(
    answer: AnswerRequest, request: Request, sign_on: SignOn, session: SignOnSession
) -> SignedIn:
    """Sign in whom the provider's answer names, with the roles of their groups."""
    if not sign_on.provider.is_set:
        raise NotFound("there is no single sign-on here")
    now = datetime.now(UTC)
    flow = await session.run(
        partial(
            single_sign_on.take,
            state=answer.state.get_secret_value(),
            browser=answer.browser.get_secret_value(),
            now=now,
        )
    )
    person = await sign_on.provider.person(
        code=answer.code.get_secret_value(),
        issuer=answer.iss,
        verifier=flow.verifier,
        nonce=flow.nonce,
    )
    roles = [sign_on.roles[group] for group in person.groups if group in sign_on.roles]

    async def write(connection: AsyncConnection) -> SignedIn:
        return await single_sign_on.sign_in(
            connection,
            person,
            roles,
            origin=origin_of(request),
            settings=authenticator_of(request).settings,
            now=now,
        )

    return await session.run(write)
