"""Signing in: the same work and the same words for every attempt that fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import AsyncConnection

from contract.access import SignedIn
from server.access.accounts import Account, find_account, set_password
from server.access.passwords import Passwords
from server.access.sessions import Writer
from server.access.settings import AccessSettings
from server.access.sign_ins import Origin, begin_sign_in
from server.errors import SignInRefused

_REFUSED = "name, password or code is not right; check them and try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What somebody typed to sign in."""

    name: str
    origin: Origin
    password: str = field(repr=False)
    code: str = field(default="", repr=False)


class Entrance:
    """Signs people in by name and password."""

    def __init__(self, settings: AccessSettings) -> None:
        self.passwords = Passwords()
        self._settings = settings

    async def sign_in(self, session: Writer, attempt: Attempt, now: datetime) -> SignedIn:
        """Return a token for who the attempt proves to be; raise SignInRefused.

        No connection of the pool is held while the password is hashed.
        """

        async def find(connection: AsyncConnection) -> Account | None:
            return await find_account(connection, attempt.name)

        account = await session.run(find)
        stored = None if account is None or account.disabled_at else account.password
        if not await self.passwords.matches(attempt.password, stored) or account is None:
            raise SignInRefused(_REFUSED)
        renewed = await self.passwords.hash_if_outdated(attempt.password, stored or "")

        async def begin(connection: AsyncConnection) -> SignedIn:
            if renewed is not None:
                await set_password(connection, account.id, renewed, now)
            token, ends_at = await begin_sign_in(
                connection,
                account.id,
                second_factor=False,
                origin=attempt.origin,
                settings=self._settings,
                now=now,
            )
            return SignedIn(token=token, ends_at=ends_at)

        return await session.run(begin)
