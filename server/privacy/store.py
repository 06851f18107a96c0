"""The registers of requests and breaches, and one officer's data."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.calendars.calendars import Calendar
from server.errors import NotFound

_SQL = statements("server.privacy", "privacy.sql")

ACKNOWLEDGE_WORKING_DAYS = 2
NOTIFY_WITHIN = timedelta(hours=72)
KEEP_BREACH = timedelta(days=5 * 366)


class RequestKind(StrEnum):
    """What somebody asks for about their own data."""

    ACCESS = "access"
    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    COMPLAIN = "complain"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """One request with its deadline."""

    id: int
    kind: str
    about: str
    channel: str
    received_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str | None

    def is_late(self, now: datetime) -> bool:
        """Return whether it was acknowledged too late, or is not yet though it is time."""
        return (self.acknowledged_at or now) > self.acknowledge_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach, and until when the authority has to be told."""

    id: int
    found_at: datetime
    notify_by: datetime
    what: str
    whose: str
    measures: str
    notified_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Return whether the authority was told too late, or is not yet though it is time."""
        return (self.notified_at or now) > self.notify_by


async def add_request(
    connection: AsyncConnection,
    calendar: Calendar,
    *,
    kind: RequestKind,
    about: str,
    channel: str,
    received_at: datetime,
) -> tuple[int, datetime]:
    """Note a request; return its number and until when it has to be acknowledged."""
    acknowledge_by = calendar.due(received_at, ACKNOWLEDGE_WORKING_DAYS)
    row = {
        "kind": kind,
        "about": about,
        "channel": channel,
        "received_at": received_at,
        "acknowledge_by": acknowledge_by,
    }
    return await _number(connection, "add_request", row), acknowledge_by


async def list_requests(connection: AsyncConnection) -> list[PrivacyRequest]:
    """Return every request, what waits longest first."""
    cursor = connection.cursor(row_factory=class_row(PrivacyRequest))
    return await (await cursor.execute(_SQL["requests"])).fetchall()


async def acknowledge_request(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Note that the person was told that the request has come; raise NotFound."""
    await _number(connection, "acknowledge_request", {"id": number, "now": now})


async def close_request(
    connection: AsyncConnection, number: int, outcome: str, now: datetime
) -> None:
    """Note what came of a request; raise NotFound for one that is unknown or closed."""
    await _number(connection, "close_request", {"id": number, "outcome": outcome, "now": now})


async def add_breach(
    connection: AsyncConnection, *, found_at: datetime, what: str, whose: str, measures: str
) -> tuple[int, datetime]:
    """Note a breach; return its number and until when the authority has to be told."""
    notify_by = found_at + NOTIFY_WITHIN
    row = {
        "found_at": found_at,
        "notify_by": notify_by,
        "what": what,
        "whose": whose,
        "measures": measures,
        "keep_until": found_at + KEEP_BREACH,
    }
    return await _number(connection, "add_breach", row), notify_by


async def list_breaches(connection: AsyncConnection) -> list[Breach]:
    """Return every breach, the newest first."""
    cursor = connection.cursor(row_factory=class_row(Breach))
    return await (await cursor.execute(_SQL["breaches"])).fetchall()


async def notify_breach(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Note that the authority was told; raise NotFound."""
    await _number(connection, "notify_breach", {"id": number, "now": now})


async def officer_rows(connection: AsyncConnection, code: str) -> dict[str, list[Any]]:
    """Return everything that names the officer, by table; raise NotFound for nothing."""
    found: dict[str, list[Any]] = {}
    for source, row in await (
        await connection.execute(_SQL["officer_rows"], {"code": code})
    ).fetchall():
        found.setdefault(source, []).append(row)
    if not found:
        raise NotFound(f"nothing names an officer {code!r}")
    return found


async def erase_officer(connection: AsyncConnection, code: str) -> tuple[str, int]:
    """Replace the officer's code by one that says nothing; return it and how many rows had it.

    Raises NotFound where nothing names the officer.
    """
    known = await (await connection.execute(_SQL["officer_known"], {"code": code})).fetchone()
    if known is None or not known[0]:
        raise NotFound(f"nothing names an officer {code!r}")
    replacement = f"X-{secrets.token_hex(8).upper()}"
    row = await (
        await connection.execute(_SQL["erase_officer"], {"code": code, "replacement": replacement})
    ).fetchone()
    assert row is not None
    return replacement, row[0]


async def _number(connection: AsyncConnection, statement: str, row: Mapping[str, Any]) -> int:
    found = await (await connection.execute(_SQL[statement], row)).fetchone()
    if found is None:
        raise NotFound(f"number {row.get('id')} is not in the register, or closed already")
    number: int = found[0]
    return number
