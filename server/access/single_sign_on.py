"""Signing in by the province's single sign-on: the account, its roles by group, and the sign-in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from contract.access import SignedIn
from runtime.sql import statements
from server.access.accounts import (
    Account,
    RoleHeld,
    add_account,
    find_account,
    find_subject,
    give_roles,
    is_name,
    roles_said,
    set_subject,
)
from server.access.provider import Asked, Person
from server.access.settings import AccessSettings, SingleSignOnSettings
from server.access.sign_ins import Origin, begin_sign_in
from server.access.tokens import digest
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.errors import ConfigurationError, Forbidden, LinkVoid, ServerError, SignInRefused

_SQL = statements("server.access", "single_sign_on.sql")

LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in at the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What the provider's answer is checked against."""

    verifier: str
    nonce: str


def roles_by_group(settings: SingleSignOnSettings) -> dict[str, RoleHeld]:
    """Return the role of each group; raise ConfigurationError for what cannot be read."""
    try:
        said = json.loads(settings.groups or "{}")
        return {str(group): roles_said([str(role)])[0] for group, role in said.items()}
    except (ValueError, AttributeError, ServerError) as error:
        raise ConfigurationError(
            'MOTCUA_OIDC_GROUPS cannot be read; write {"group": "role:unit"} '
            f"with roles of docs/access.md ({error})"
        ) from error


async def begin(connection: AsyncConnection, asked: Asked, browser: str, now: datetime) -> None:
    """Remember what the answer is checked against."""
    await connection.execute(_SQL["purge"], {"now": now})
    row = {
        "state": digest(asked.state),
        "browser": digest(browser),
        "verifier": asked.verifier,
        "nonce": asked.nonce,
        "ends_at": now + LASTS,
    }
    await connection.execute(_SQL["begin"], row)


async def take(connection: AsyncConnection, state: str, browser: str, now: datetime) -> Flow:
    """Return what an answer is checked against, once; raise LinkVoid."""
    of = {"state": digest(state), "browser": digest(browser), "now": now}
    row = await (await connection.execute(_SQL["take"], of)).fetchone()
    if row is None:
        raise LinkVoid("this answer of the single sign-on was not asked for, or came too late")
    return Flow(verifier=row[0], nonce=row[1])


async def sign_in(
    connection: AsyncConnection,
    person: Person,
    roles: Sequence[RoleHeld],
    *,
    origin: Origin,
    settings: AccessSettings,
    now: datetime,
) -> SignedIn:
    """Sign the person in with the roles of their groups; raise Forbidden without one, SignInRefused
    for a disabled account.
    """
    if not roles:
        raise Forbidden("none of your groups has a role here; ask the administrator")
    account = await find_subject(connection, person.issuer, person.subject)
    if account is None:
        account = await _new_account(connection, person, roles)
    elif account.disabled_at is not None:
        raise SignInRefused("this account is disabled; ask the administrator")
    else:
        await give_roles(connection, account.id, roles)
    token, ends_at = await begin_sign_in(
        connection,
        account.id,
        second_factor=person.second_factor,
        origin=origin,
        settings=settings,
        now=now,
    )
    entry = Entry(
        at=now,
        actor=account.name,
        kind="account",
        action=Action.SIGNED_IN,
        subject=account.name,
        address=origin.address,
        agent=origin.agent,
        details={"by": person.issuer, "roles": [f"{r.role}:{r.unit or 'province'}" for r in roles]},
    )
    await record(connection, entry)
    return SignedIn(token=token, ends_at=ends_at)


async def _new_account(
    connection: AsyncConnection, person: Person, roles: Sequence[RoleHeld]
) -> Account:
    """Make the account of somebody who comes for the first time.

    A name that is an account's already gets another one: whoever may choose a name at the provider
    must not become somebody else here.
    """
    name = person.name.lower()
    if not is_name(name) or await find_account(connection, name) is not None:
        unique = hashlib.sha256(f"{person.issuer} {person.subject}".encode()).hexdigest()[:12]
        name = f"sso-{unique}"
    full_name = "".join(letter for letter in person.full_name if letter.isprintable())
    made = await add_account(
        connection, name=name, roles=roles, full_name=full_name, officer=person.officer
    )
    await set_subject(connection, made, person.issuer, person.subject)
    account = await find_account(connection, name)
    assert account is not None
    return account
