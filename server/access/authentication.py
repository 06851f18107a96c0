"""Finds who asks on a connection, and remembers each answer for a moment."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated

import structlog
from fastapi import Depends, WebSocketException, status
from psycopg import AsyncConnection
from starlette.requests import HTTPConnection

from server.access.principals import ANYONE, Principal
from server.access.sessions import Reader, Writer
from server.access.settings import AccessSettings
from server.access.sign_ins import Known, Origin, recognise, touch
from server.access.tokens import TokenKind, digest, kind_of
from server.db.pool import Database
from server.db.viewers import ITSELF
from server.errors import DatabaseAway, SignInNeeded

AUTOMATIC = "motcua-automatic"
"""The header of a request that a page makes by itself: it keeps nobody signed in."""

RELAYED_ADDRESS, RELAY_SECRET = "motcua-address", "motcua-relay"
"""The headers with which the dashboards say where a browser is, and prove that they may."""

_MOST_REMEMBERED = 10_000
_LONGEST_ADDRESS = 64

log = structlog.get_logger()


@dataclass(slots=True)
class _Answer:
    principal: Principal | None
    until_s: float
    touch: bool = False


class Authenticator:
    """Recognises tokens; `otherwise` is who asks without one."""

    def __init__(
        self, database: Database, settings: AccessSettings, *, otherwise: Principal = ANYONE
    ) -> None:
        self.settings = settings
        self._database = database
        self._otherwise = otherwise
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()

    async def identify(self, connection: HTTPConnection) -> Principal:
        """Return who asks; raise SignInNeeded for a token that stands for nobody."""
        token = bearer(connection)
        if token is None:
            return self._otherwise
        kind = kind_of(token)
        principal = None
        if kind is not None:
            automatic = AUTOMATIC in connection.headers
            principal = await self._recognise(kind, token, automatic=automatic)
        if principal is None:
            raise SignInNeeded("the token is not known, or not valid any more: sign in again")
        return principal

    def forget(self, token: str | None = None) -> None:
        """Look the token up anew at its next use, without one every token."""
        if token is None:
            self._answers.clear()
        else:
            self._answers.pop(digest(token), None)

    async def _recognise(self, kind: TokenKind, token: str, *, automatic: bool) -> Principal | None:
        now_s, key = time.monotonic(), digest(token)
        answer = self._answers.get(key)
        if answer is None or now_s >= answer.until_s:
            answer = self._remember(key, await self._look_up(kind, token), now_s)
        if answer.touch and not automatic:
            answer.touch = False
            await self._touch(kind, token)
        return answer.principal

    async def _look_up(self, kind: TokenKind, token: str) -> Known | None:
        async def read(connection: AsyncConnection) -> Known | None:
            now = datetime.now(UTC)
            return await recognise(connection, kind, token, settings=self.settings, now=now)

        return await Reader(self._database, ITSELF).run(read)

    def _remember(self, key: bytes, known: Known | None, now_s: float) -> _Answer:
        answer = _Answer(
            principal=known.principal if known else None,
            until_s=now_s + self.settings.remembered_s,
            touch=known is not None and known.touch,
        )
        self._answers[key] = answer
        self._answers.move_to_end(key)
        while len(self._answers) > _MOST_REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    async def _touch(self, kind: TokenKind, token: str) -> None:
        async def write(connection: AsyncConnection) -> None:
            await touch(connection, kind, token, datetime.now(UTC))

        try:
            await Writer(self._database).run(write)
        except DatabaseAway as error:
            log.warning("use_not_noted", error=str(error))


def authenticator_of(connection: HTTPConnection) -> Authenticator:
    """Return the application's authenticator."""
    authenticator = connection.app.state.authenticator
    assert isinstance(authenticator, Authenticator)
    return authenticator


async def principal_of(connection: HTTPConnection) -> Principal:
    """Return who asks on this connection; raise SignInNeeded or DatabaseAway, on a WebSocket what
    closes it.
    """
    try:
        return await authenticator_of(connection).identify(connection)
    except SignInNeeded as error:
        if connection.scope["type"] == "websocket":
            raise WebSocketException(status.WS_1008_POLICY_VIOLATION, str(error)) from error
        raise
    except DatabaseAway as error:
        if connection.scope["type"] == "websocket":
            raise WebSocketException(status.WS_1013_TRY_AGAIN_LATER, str(error)) from error
        raise


Who = Annotated[Principal, Depends(principal_of)]
"""The parameter of a route that has to know who asks."""


def bearer(connection: HTTPConnection) -> str | None:
    """Return the token that `Authorization: Bearer` names, None without the header.

    Anything else in that header is a token that stands for nobody. No cookie is looked at: what a
    browser sends by itself opens nothing here.
    """
    said = connection.headers.get("authorization")
    if said is None:
        return None
    scheme, _, token = said.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def origin_of(connection: HTTPConnection) -> Origin:
    """Return from where somebody asks: as the socket says it, or as the dashboards relay it."""
    host = connection.client.host if connection.client else ""
    known = authenticator_of(connection).settings.relay_secret
    secret = known.get_secret_value() if known else ""
    said = connection.headers.get(RELAY_SECRET, "")
    if secret and secrets.compare_digest(said.encode(), secret.encode()):
        host = _address(connection.headers.get(RELAYED_ADDRESS, "")) or host
    return Origin(address=host[:_LONGEST_ADDRESS], agent=connection.headers.get("user-agent", ""))


def _address(said: str) -> str | None:
    try:
        return str(ip_address(said))
    except ValueError:
        return None
