"""Accounts of people: made, disabled, and given a link that sets a password once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.roles import ROLES, Place, Role
from server.access.tokens import TokenKind, digest, new_token
from server.errors import AccountInvalid, Conflict, LinkVoid, NotFound

_SQL = statements("server.access", "accounts.sql")

LINK_LASTS = timedelta(hours=24)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}\Z")
_LONGEST_FULL_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role and the unit in which it is held, None for the whole province."""

    role: Role
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account with its hash, for signing in."""

    id: UUID
    name: str
    full_name: str
    officer: str | None
    password: str | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountListed:
    """One account as administrators see it."""

    name: str
    full_name: str
    officer: str | None
    disabled_at: datetime | None
    has_password: bool
    single_sign_on: bool
    second_factor: bool
    used_at: datetime | None
    roles: tuple[RoleHeld, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOwner:
    """Whose link it is."""

    id: UUID
    name: str
    full_name: str


def is_name(text: str) -> bool:
    """Return whether an account may have this name."""
    return _NAME.match(text) is not None


def roles_said(texts: Sequence[str]) -> list[RoleHeld]:
    """Return the roles that `ROLE` or `ROLE:UNIT` name; raise AccountInvalid."""
    held = []
    for text in texts:
        role, _, unit = text.partition(":")
        if role not in set(Role):
            raise AccountInvalid(f"{role[:40]!r} is no role; roles: {', '.join(Role)}")
        held.append(RoleHeld(role=Role(role), unit=unit or None))
    return held


async def add_account(
    connection: AsyncConnection,
    *,
    name: str,
    roles: Sequence[RoleHeld],
    full_name: str = "",
    officer: str | None = None,
) -> UUID:
    """Make an account without a password; raise AccountInvalid, Conflict or NotFound."""
    _require_sound(name, full_name, roles, officer)
    row = {"name": name, "full_name": full_name, "officer": officer}
    try:
        async with connection.transaction():
            made = await (await connection.execute(_SQL["add_account"], row)).fetchone()
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(f"account {name!r} exists already; take another name") from error
    assert made is not None
    await give_roles(connection, made[0], roles)
    account: UUID = made[0]
    return account


async def give_roles(connection: AsyncConnection, account: UUID, roles: Sequence[RoleHeld]) -> None:
    """Give these roles and no other; raise NotFound for a unit that is not known."""
    await connection.execute(_SQL["drop_roles"], {"account": account})
    for held in roles:
        try:
            async with connection.transaction():
                await connection.execute(
                    _SQL["add_role"], {"account": account, "role": held.role, "unit": held.unit}
                )
        except psycopg.errors.ForeignKeyViolation as error:
            raise NotFound(f"unit {held.unit!r} is not known; import it first") from error


async def list_accounts(connection: AsyncConnection) -> list[AccountListed]:
    """Return every account by name."""
    cursor = await connection.execute(_SQL["accounts"])
    return [
        AccountListed(
            name=row[0],
            full_name=row[1],
            officer=row[2],
            disabled_at=row[3],
            has_password=row[4],
            single_sign_on=row[5],
            second_factor=row[6],
            used_at=row[7],
            roles=tuple(RoleHeld(role=Role(role), unit=unit) for role, unit in row[8]),
        )
        for row in await cursor.fetchall()
    ]


async def find_account(connection: AsyncConnection, name: str) -> Account | None:
    """Return the account of that name, also a disabled one."""
    cursor = connection.cursor(row_factory=class_row(Account))
    return await (await cursor.execute(_SQL["account_named"], {"name": name})).fetchone()


async def find_subject(connection: AsyncConnection, issuer: str, subject: str) -> Account | None:
    """Return the account that single sign-on knows by `subject`."""
    cursor = connection.cursor(row_factory=class_row(Account))
    of = {"issuer": issuer, "subject": subject}
    return await (await cursor.execute(_SQL["account_of_subject"], of)).fetchone()


async def set_subject(
    connection: AsyncConnection, account: UUID, issuer: str, subject: str
) -> None:
    """Remember by which subject single sign-on knows the account."""
    await connection.execute(
        _SQL["set_subject"], {"account": account, "issuer": issuer, "subject": subject}
    )


async def require_account(connection: AsyncConnection, name: str) -> Account:
    """Return the account of that name; raise NotFound."""
    account = await find_account(connection, name)
    if account is None:
        raise NotFound(f"account {name!r} is not known; `motcua user list` shows all")
    return account


async def disable_account(connection: AsyncConnection, name: str, now: datetime) -> None:
    """Disable an account and end where it is signed in; raise NotFound, or Conflict for the last
    administrator.
    """
    account = await require_account(connection, name)
    locked = await connection.execute(_SQL["lock_administrators"])
    administrators = {row[0] for row in await locked.fetchall()}
    if administrators == {account.id}:
        raise Conflict(
            f"{name!r} is the last administrator; make another one first "
            "(`motcua user add NAME --role administrator`)"
        )
    await connection.execute(_SQL["disable_account"], {"account": account.id, "now": now})
    await end_sign_ins(connection, account.id, now)


async def end_sign_ins(connection: AsyncConnection, account: UUID, now: datetime) -> None:
    """End wherever the account is signed in."""
    await connection.execute(_SQL["end_sign_ins_of"], {"account": account, "now": now})


async def new_link(connection: AsyncConnection, account: UUID, now: datetime) -> str:
    """Return the token of a link with which the account's owner sets a password, once."""
    token = new_token(TokenKind.LINK)
    ends_at = now + LINK_LASTS
    row = {"token": digest(token), "account": account, "ends_at": ends_at, "now": now}
    await connection.execute(_SQL["add_link"], row)
    return token


async def reset_account(connection: AsyncConnection, name: str, now: datetime) -> str:
    """Return a new link; what the account signed in with before is void, and it is enabled."""
    account = await require_account(connection, name)
    of = {"account": account.id, "now": now}
    for statement in (
        "remove_second_factor",
        "remove_recovery_codes",
        "enable_account",
        "end_sign_ins_of",
    ):
        await connection.execute(_SQL[statement], of)
    await connection.execute(_SQL["set_password"], {**of, "password": None})
    return await new_link(connection, account.id, now)


async def owner_of_link(connection: AsyncConnection, token: str, now: datetime) -> LinkOwner:
    """Return whose link it is; raise LinkVoid for one that is unknown, used or too old."""
    cursor = connection.cursor(row_factory=class_row(LinkOwner))
    found = await cursor.execute(_SQL["link_owner"], {"token": digest(token), "now": now})
    owner = await found.fetchone()
    if owner is None:
        raise LinkVoid("this link is not valid any more; ask an administrator for a new one")
    return owner


async def use_link(
    connection: AsyncConnection, token: str, password_hash: str, now: datetime
) -> None:
    """Set the password of the link's owner and end where they are signed in; raise LinkVoid."""
    owner = await owner_of_link(connection, token, now)
    used = await connection.execute(_SQL["use_link"], {"token": digest(token), "now": now})
    if await used.fetchone() is None:
        raise LinkVoid("this link was used a moment ago; sign in with the password set then")
    row = {"account": owner.id, "password": password_hash, "now": now}
    await connection.execute(_SQL["set_password"], row)
    await end_sign_ins(connection, owner.id, now)


async def set_password(
    connection: AsyncConnection, account: UUID, password_hash: str, now: datetime
) -> None:
    """Store a hash."""
    row = {"account": account, "password": password_hash, "now": now}
    await connection.execute(_SQL["set_password"], row)


def _require_sound(
    name: str, full_name: str, roles: Sequence[RoleHeld], officer: str | None
) -> None:
    if not is_name(name):
        raise AccountInvalid(
            f"{name[:80]!r} is no name of an account: use lower-case letters, digits and . _ @ -"
        )
    if len(full_name) > _LONGEST_FULL_NAME or not full_name.isprintable():
        raise AccountInvalid("the full name is too long or holds characters that cannot be shown")
    if not roles:
        raise AccountInvalid(f"account {name!r} has no role: give it one of {', '.join(Role)}")
    for held in roles:
        where = ROLES[held.role].held
        if held.unit is None and where is Place.UNIT:
            raise AccountInvalid(f"role {held.role} is held in a unit: name it")
        if held.unit is not None and where is Place.PROVINCE:
            raise AccountInvalid(f"role {held.role} is held in the whole province, in no unit")
        if held.role is Role.OFFICER and not officer:
            raise AccountInvalid("role officer needs the officer's code")
