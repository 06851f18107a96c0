"""Complaints as systems that may read them see them: their course, not who is meant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements

_SQL = statements("server.complaints", "complaints.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintListed:
    """One complaint: where it is handled, its times, and whether it ended in time."""

    id: str
    source: str
    unit: str
    procedure: str | None
    family: str | None
    dossier: str | None
    received_at: datetime
    rejected_at: datetime | None
    asked_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    published_at: datetime | None
    satisfied: bool | None
    resolve_due: datetime
    publish_due: datetime | None
    ended_at: datetime | None
    in_time: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintsWanted:
    """Which complaints: of these units (None for all), received in [since, until), open or not."""

    units: Collection[str] | None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None


async def list_complaints(
    connection: AsyncConnection, wanted: ComplaintsWanted, *, after: str, limit: int
) -> list[ComplaintListed]:
    """Return at most `limit` complaints with a greater id than `after`, by id."""
    cursor = connection.cursor(row_factory=class_row(ComplaintListed))
    units = None if wanted.units is None else sorted(wanted.units)
    of = asdict(wanted) | {"units": units, "after": after, "limit": limit}
    return await (await cursor.execute(_SQL["complaints_page"], of)).fetchall()
