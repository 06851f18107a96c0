"""Who a token stands for, and where people are signed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.grants import Below, owes_second_factor, reaches_of, rights_within
from server.access.principals import Principal, PrincipalKind, Reach
from server.access.rights import FOR_KEYS, FOR_SCREENS, Right
from server.access.roles import Role
from server.access.settings import AccessSettings
from server.access.tokens import TokenKind, digest, new_token
from server.errors import NotFound

_SQL = statements("server.access", "sign_ins.sql")

_TOUCH_AFTER = timedelta(minutes=1)
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where somebody asks."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A place where an account is signed in."""

    id: UUID
    began_at: datetime
    used_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who a token stands for, and whether it is time to note that it was used."""

    principal: Principal
    touch: bool


async def begin_sign_in(
    connection: AsyncConnection,
    account: UUID,
    *,
    second_factor: bool,
    origin: Origin,
    settings: AccessSettings,
    now: datetime,
) -> tuple[str, datetime]:
    """Sign an account in; return the token and when it ends at the latest."""
    token = new_token(TokenKind.SIGN_IN)
    ends_at = now + timedelta(hours=settings.longest_hours)
    row = {
        "token": digest(token),
        "account": account,
        "now": now,
        "ends_at": ends_at,
        "second_factor": second_factor,
        "address": origin.address,
        "agent": _printable(origin.agent),
    }
    await connection.execute(_SQL["begin_sign_in"], row)
    return token, ends_at


async def recognise(
    connection: AsyncConnection,
    kind: TokenKind,
    token: str,
    *,
    settings: AccessSettings,
    now: datetime,
) -> Known | None:
    """Return who the token stands for, None when for nobody, or nobody any more."""
    of = {"token": digest(token), "now": now, "idle_since": idle_since(settings, now)}
    match kind:
        case TokenKind.SIGN_IN:
            return await _account(connection, of)
        case TokenKind.KEY:
            return await _key(connection, of)
        case TokenKind.SCREEN:
            return await _screen(connection, of)
        case _:
            return None


def idle_since(settings: AccessSettings, now: datetime) -> datetime:
    """Return when a sign-in must have been used last to be alive."""
    return now - timedelta(minutes=settings.idle_minutes)


async def touch(connection: AsyncConnection, kind: TokenKind, token: str, now: datetime) -> None:
    """Note that the token was used."""
    statement = {
        TokenKind.SIGN_IN: "touch_sign_in",
        TokenKind.KEY: "touch_key",
        TokenKind.SCREEN: "touch_screen",
    }[kind]
    await connection.execute(_SQL[statement], {"token": digest(token), "now": now})


async def list_sign_ins(
    connection: AsyncConnection, account: UUID, settings: AccessSettings, now: datetime
) -> list[SignIn]:
    """Return where the account is signed in, the last used first."""
    cursor = connection.cursor(row_factory=class_row(SignIn))
    of = {"account": account, "now": now, "idle_since": idle_since(settings, now)}
    return await (await cursor.execute(_SQL["sign_ins_of"], of)).fetchall()


async def end_sign_in(
    connection: AsyncConnection, account: UUID, sign_in: UUID, now: datetime
) -> None:
    """End one of the account's own sign-ins; raise NotFound."""
    of = {"account": account, "sign_in": sign_in, "now": now}
    if await (await connection.execute(_SQL["end_sign_in"], of)).fetchone() is None:
        raise NotFound("there is no such sign-in of this account, or it has ended")


async def mark_second_factor(connection: AsyncConnection, sign_in: UUID) -> None:
    """Note that the second factor was shown."""
    await connection.execute(_SQL["mark_second_factor"], {"sign_in": sign_in})


async def principal_named(
    connection: AsyncConnection, name: str, *, appraised: str | None = None
) -> Principal | None:
    """Return who an account stands for, None for one that is unknown or disabled.

    With `appraised` as if an open appraisal in that unit were given to them.
    """
    row = await (await connection.execute(_SQL["named"], {"name": name})).fetchone()
    if row is None:
        return None
    account, officer, held = row
    roles = tuple((role, unit) for role, unit in held)
    more = frozenset() if appraised is None else frozenset({appraised})
    return Principal(
        name=name,
        kind=PrincipalKind.ACCOUNT,
        reaches=await _reaches(connection, account, roles, more),
        account=account,
        officer=officer,
        roles=roles,
    )


async def _reaches(
    connection: AsyncConnection,
    account: UUID,
    roles: tuple[tuple[str, str | None], ...],
    more: frozenset[str] = frozenset(),
) -> Mapping[Right, Reach]:
    """Return where each right holds, also by the open appraisals that are given to the account."""
    appraised = more
    if any(role == Role.APPRAISER for role, _ in roles):
        cursor = await connection.execute(_SQL["appraised_units"], {"account": account})
        appraised |= {unit for (unit,) in await cursor.fetchall()}
    below = await _below(connection, (unit for _, unit in roles))
    return reaches_of(roles, below, appraised)


async def _account(connection: AsyncConnection, of: dict[str, Any]) -> Known | None:
    row = await (await connection.execute(_SQL["signed_in"], of)).fetchone()
    if row is None:
        return None
    sign_in, account, name, full_name, officer, second_factor, used_at, held = row
    roles = tuple((role, unit) for role, unit in held)
    principal = Principal(
        name=name,
        kind=PrincipalKind.ACCOUNT,
        reaches=await _reaches(connection, account, roles),
        account=account,
        sign_in=sign_in,
        full_name=full_name,
        officer=officer,
        roles=roles,
        owes_second_factor=owes_second_factor(roles) and not second_factor,
    )
    return Known(principal=principal, touch=of["now"] - used_at > _TOUCH_AFTER)


async def _key(connection: AsyncConnection, of: dict[str, Any]) -> Known | None:
    row = await (await connection.execute(_SQL["key_used"], of)).fetchone()
    if row is None:
        return None
    name, rights, unit, used_at = row
    below = await _below(connection, (unit,))
    allowed = (right for right in rights if right in FOR_KEYS)
    principal = Principal(
        name=f"key {name}",
        kind=PrincipalKind.KEY,
        reaches=rights_within(allowed, unit, below),
    )
    return Known(principal=principal, touch=used_at is None or of["now"] - used_at > _TOUCH_AFTER)


async def _screen(connection: AsyncConnection, of: dict[str, Any]) -> Known | None:
    row = await (await connection.execute(_SQL["screen_shown"], of)).fetchone()
    if row is None:
        return None
    name, unit, scenes, used_at = row
    below = await _below(connection, (unit,))
    principal = Principal(
        name=f"screen {name}",
        kind=PrincipalKind.SCREEN,
        reaches=rights_within(FOR_SCREENS, unit, below),
        scenes=None if scenes is None else tuple(scenes),
    )
    return Known(principal=principal, touch=used_at is None or of["now"] - used_at > _TOUCH_AFTER)


async def _below(connection: AsyncConnection, units: Iterable[str | None]) -> Below:
    named = sorted({unit for unit in units if unit is not None})
    if not named:
        return {}
    found: dict[str, set[str]] = {}
    for top, unit in await (await connection.execute(_SQL["below"], {"units": named})).fetchall():
        found.setdefault(top, set()).add(unit)
    return {top: frozenset(below) for top, below in found.items()}


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_AGENT]
