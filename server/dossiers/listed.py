"""Dossiers as systems that may read them see them: their course, not whose they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements

_SQL = statements("server.dossiers", "dossiers.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierListed:
    """One dossier: where it is handled, its times, and how it ended.

    `days` are working days until it ended; `timeliness` is early, on_time or late. `counted` is
    False where another system's record of its procedure counts.
    """

    code: str
    source: str
    procedure: str
    family: str | None
    receiving_unit: str
    resolving_unit: str
    channel: str
    received_at: datetime
    promised_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    timeliness: str | None
    days: float | None
    requests: int
    waits_for_citizen: bool
    result_at: datetime | None
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DossiersWanted:
    """Which dossiers: of these units (None for all), received in [since, until), open or ended."""

    units: Collection[str] | None
    procedure: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None


async def list_dossiers(
    connection: AsyncConnection, wanted: DossiersWanted, *, after: str, limit: int
) -> list[DossierListed]:
    """Return at most `limit` dossiers with a greater code than `after`, by code."""
    cursor = connection.cursor(row_factory=class_row(DossierListed))
    units = None if wanted.units is None else sorted(wanted.units)
    of = asdict(wanted) | {"units": units, "after": after, "limit": limit}
    return await (await cursor.execute(_SQL["dossiers_page"], of)).fetchall()
