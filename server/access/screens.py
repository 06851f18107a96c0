"""Screens of walls: a code that works once is exchanged for the token that the browser keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.access.keys import NAME
from server.access.tokens import TokenKind, digest, new_token
from server.errors import AccountInvalid, LinkVoid, NotFound

_SQL = statements("server.access", "screens.sql")

CODE_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenListed:
    """One screen as administrators see it."""

    name: str
    unit: str | None
    scenes: tuple[str, ...] | None
    created_at: datetime
    entered_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A screen whose code was exchanged: the token, and what its wall may show."""

    token: str
    name: str
    unit: str | None
    scenes: tuple[str, ...] | None


async def add_screen(
    connection: AsyncConnection,
    *,
    name: str,
    unit: str | None,
    scenes: Sequence[str] | None,
    now: datetime,
    turn_s: float | None = None,
    language: str | None = None,
) -> str:
    """Return the code with which the screen is entered once; raise AccountInvalid or NotFound.

    `scenes` are shown in their order, each for `turn_s` seconds.
    """
    if not NAME.match(name):
        raise AccountInvalid(
            f"{name[:80]!r} is no name of a screen: use lower-case letters, digits and . _ -"
        )
    code = new_token(TokenKind.SCREEN_CODE)
    row = {
        "name": name,
        "unit": unit,
        "scenes": None if scenes is None else list(scenes),
        "turn_s": turn_s,
        "language": language,
        "code": digest(code),
        "ends_at": now + CODE_LASTS,
    }
    try:
        async with connection.transaction():
            await connection.execute(_SQL["add_screen"], row)
    except psycopg.errors.ForeignKeyViolation as error:
        raise NotFound(f"unit {unit!r} is not known; import it first") from error
    return code


async def enter_screen(connection: AsyncConnection, code: str, now: datetime) -> Entered:
    """Exchange the code for a token; raise LinkVoid for one that is unknown, used or too old."""
    token = new_token(TokenKind.SCREEN)
    of = {"code": digest(code), "token": digest(token), "now": now}
    row = await (await connection.execute(_SQL["enter_screen"], of)).fetchone()
    if row is None:
        raise LinkVoid(
            "this screen's code is not valid any more; ask an administrator for a new one"
        )
    name, unit, scenes = row
    return Entered(
        token=token, name=name, unit=unit, scenes=None if scenes is None else tuple(scenes)
    )


async def list_screens(connection: AsyncConnection) -> list[ScreenListed]:
    """Return every screen by name."""
    cursor = connection.cursor(row_factory=class_row(ScreenListed))
    return await (await cursor.execute(_SQL["screens"])).fetchall()


async def revoke_screen(connection: AsyncConnection, name: str, now: datetime) -> None:
    """End a screen; raise NotFound."""
    of = {"name": name, "now": now}
    if await (await connection.execute(_SQL["revoke_screen"], of)).fetchone() is None:
        raise NotFound(f"screen {name!r} is not known; `motcua screen list` shows all")
