"""Keys of programs: rights in a unit or everywhere, until a day; shown once, kept as a digest."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.rights import FOR_KEYS, Right
from server.access.tokens import TokenKind, digest, new_token
from server.errors import AccountInvalid, Conflict, NotFound

_SQL = statements("server.access", "keys.sql")

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
"""Names of keys and screens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyListed:
    """One key as administrators see it."""

    name: str
    rights: tuple[str, ...]
    unit: str | None
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


def rights_said(texts: Collection[str]) -> frozenset[Right]:
    """Return the rights of these names; raise AccountInvalid."""
    unknown = sorted(set(texts) - set(FOR_KEYS))
    if unknown:
        raise AccountInvalid(f"{unknown[0][:40]!r} is none of {', '.join(sorted(FOR_KEYS))}")
    return frozenset(Right(text) for text in texts)


async def add_key(
    connection: AsyncConnection,
    *,
    name: str,
    rights: Collection[Right],
    unit: str | None,
    ends_at: datetime | None,
) -> str:
    """Return a new key; raise AccountInvalid, Conflict for a name in use, NotFound for a unit."""
    if not NAME.match(name):
        raise AccountInvalid(
            f"{name[:80]!r} is no name of a key: use lower-case letters, digits .-"
        )
    rights = rights_said(rights)
    token = new_token(TokenKind.KEY)
    row = {"name": name, "token": digest(token), "rights": sorted(rights), "unit": unit}
    try:
        async with connection.transaction():
            await connection.execute(_SQL["add_key"], {**row, "ends_at": ends_at})
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(f"key {name!r} exists already; take another name") from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise NotFound(f"unit {unit!r} is not known; import it first") from error
    return token


async def list_keys(connection: AsyncConnection) -> list[KeyListed]:
    """Return every key by name."""
    cursor = connection.cursor(row_factory=class_row(KeyListed))
    found = await (await cursor.execute(_SQL["keys"])).fetchall()
    return [
        replace(key, rights=tuple(key.rights)) for key in found
    ]  # psycopg reads arrays as lists


async def revoke_key(connection: AsyncConnection, name: str, now: datetime) -> None:
    """End a key; raise NotFound."""
    of = {"name": name, "now": now}
    if await (await connection.execute(_SQL["revoke_key"], of)).fetchone() is None:
        raise NotFound(f"key {name!r} is not known; `motcua key list` shows all")
