"""Signing in: the same work and the same words for every attempt that fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from psycopg import AsyncConnection

from contract.access import SignedIn
from server.access.accounts import Account, find_account, set_password
from server.access.attempts import forget_failures, note_failure, require_patience
from server.access.passwords import Passwords
from server.access.principals import PrincipalKind
from server.access.second_factors import proves
from server.access.sessions import Writer
from server.access.settings import AccessSettings
from server.access.sign_ins import Origin, begin_sign_in
from server.audit.entries import Action, Entry
from server.audit.store import record
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
        """Return a token for who the attempt proves to be; raise SignInRefused or SignInPaused.

        No connection of the pool is held while the password is hashed.
        """
        account = await session.run(partial(_find, attempt=attempt, now=now))
        stored = None if account is None or account.disabled_at else account.password
        if not await self.passwords.matches(attempt.password, stored) or account is None:
            await session.run(partial(_note, attempt=attempt, account=account, now=now))
            raise SignInRefused(_REFUSED)
        renewed = await self.passwords.hash_if_outdated(attempt.password, stored or "")
        signed_in = await session.run(
            partial(self._begin, account=account, renewed=renewed, attempt=attempt, now=now)
        )
        if signed_in is None:
            await session.run(partial(_note, attempt=attempt, account=account, now=now))
            raise SignInRefused(_REFUSED)
        return signed_in

    async def _begin(
        self,
        connection: AsyncConnection,
        *,
        account: Account,
        renewed: str | None,
        attempt: Attempt,
        now: datetime,
    ) -> SignedIn | None:
        """Return the token, None where the second factor is not proved."""
        proved = await proves(connection, account.id, attempt.code, now)
        if proved is False:
            return None
        if renewed is not None:
            await set_password(connection, account.id, renewed, now)
        await forget_failures(connection, attempt.name, attempt.origin.address, now)
        token, ends_at = await begin_sign_in(
            connection,
            account.id,
            second_factor=proved is True,
            origin=attempt.origin,
            settings=self._settings,
            now=now,
        )
        await _record(connection, Action.SIGNED_IN, account.name, attempt, now)
        return SignedIn(token=token, ends_at=ends_at)


async def _record(
    connection: AsyncConnection, action: Action, name: str, attempt: Attempt, now: datetime
) -> None:
    entry = Entry(
        at=now,
        actor=name,
        kind=PrincipalKind.ACCOUNT,
        action=action,
        subject=name,
        address=attempt.origin.address,
        agent=attempt.origin.agent,
    )
    await record(connection, entry)


async def _find(connection: AsyncConnection, *, attempt: Attempt, now: datetime) -> Account | None:
    """Return the account of that name; raise SignInPaused, whether there is one or not."""
    await require_patience(connection, attempt.name, attempt.origin.address, now)
    return await find_account(connection, attempt.name)


async def _note(
    connection: AsyncConnection, *, attempt: Attempt, account: Account | None, now: datetime
) -> None:
    """Count a failure. A name that is no account's is not recorded: it may be a password."""
    await note_failure(connection, attempt.name, attempt.origin.address, now)
    if account is not None:
        await _record(connection, Action.SIGN_IN_REFUSED, account.name, attempt, now)
