"""Stores officers, their posts and assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.db.changes import announce_change
from server.staff.assignments import (
    AssignmentEntry,
    AssignmentRecord,
    AssignmentSource,
    overlaps,
)
from server.staff.duty import ChangedDuty, derive_duty
from server.staff.officers import ROOM, PostEntry, other_names
from server.tabular.records import Entry
from server.tabular.refusals import Rejection, refuse

_SQL = statements("server.staff", "staff.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An officer in a unit; None for a day that is not known or has not come."""

    code: str
    name: str
    unit: str
    position: str
    valid_from: date | None
    valid_to: date | None


async def read_staff(connection: AsyncConnection, *, day: date, unit: str | None) -> list[Post]:
    """Return the posts that are valid on `day`, of one unit or of all, by officer."""
    cursor = connection.cursor(row_factory=class_row(Post))
    return await (await cursor.execute(_SQL["staff"], {"day": day, "unit": unit})).fetchall()


async def store_posts(connection: AsyncConnection, entries: Sequence[PostEntry]) -> list[Rejection]:
    """Store officers with their posts and return the rows that were left out."""
    places = await _known_places(connection, {entry.record.unit for entry in entries})
    rejected = {rejection.line: rejection for rejection in other_names(entries)}
    for entry in entries:
        if entry.record.unit not in places:
            rejected.setdefault(entry.row.line, _unknown(entry, "unit", entry.record.unit))
    right = [entry for entry in entries if entry.row.line not in rejected]
    await connection.execute(
        _SQL["store_officers"],
        {
            "code": [entry.record.code for entry in right],
            "name": [entry.record.name for entry in right],
        },
    )
    for entry in right:
        try:
            async with connection.transaction():
                await connection.execute(_SQL["store_post"], asdict(entry.record))
        except psycopg.errors.ExclusionViolation:
            refusal = refuse("post_overlaps", room=ROOM, column="valid_from")
            rejected[entry.row.line] = entry.reject(refusal, entry.record.valid_from or "")
        except psycopg.errors.CheckViolation:
            refusal = refuse("post_ends_before_stored", room=ROOM, column="valid_to")
            rejected[entry.row.line] = entry.reject(refusal, entry.record.valid_to or "")
    return list(rejected.values())


async def store_assignments(
    connection: AsyncConnection,
    entries: Sequence[AssignmentEntry],
    source: AssignmentSource = AssignmentSource.IMPORT,
) -> list[Rejection]:
    """Store assignments and return those that name strangers or overlap.

    Who was on duty is derived anew at their counters, so that a roster that comes late attributes
    its days again.
    """
    rejections = await _strangers(connection, entries)
    strange = {rejection.line for rejection in rejections}
    known = [entry for entry in entries if entry.row.line not in strange]
    rejections += overlaps(known, await _in_force(connection, known))
    rejected = {rejection.line for rejection in rejections}
    accepted = [entry.record for entry in known if entry.row.line not in rejected]
    if accepted:
        ids = {"ids": [record.key for record in accepted]}
        before = await (await connection.execute(_SQL["set_aside_assignments"], ids)).fetchall()
        await connection.execute(_SQL["store_assignments"], _columns(accepted, source))
        after = [(each.unit, each.counter, each.starts_at, each.ends_at) for each in accepted]
        changed = _by_counter([*before, *after])
        await derive_duty(connection, changed)
        await announce_change(connection, {unit for unit, *_ in changed} or {accepted[0].unit})
    return rejections


async def _strangers(
    connection: AsyncConnection, entries: Sequence[AssignmentEntry]
) -> list[Rejection]:
    """Return the entries whose officer, unit or counter is not known."""
    places = await _known_places(connection, {entry.record.unit for entry in entries})
    codes = list({entry.record.officer for entry in entries})
    cursor = await connection.execute(_SQL["known_officers"], {"codes": codes})
    officers = {code for (code,) in await cursor.fetchall()}
    rejections = []
    for entry in entries:
        record = entry.record
        if record.officer not in officers:
            rejections.append(_unknown(entry, "officer", record.officer))
        elif record.unit not in places:
            rejections.append(_unknown(entry, "unit", record.unit))
        elif record.counter is not None and f"{record.unit}/{record.counter}" not in places:
            rejections.append(_unknown(entry, "counter", record.counter))
    return rejections


async def _known_places(connection: AsyncConnection, units: Collection[str]) -> set[str]:
    cursor = await connection.execute(_SQL["known_places"], {"units": list(units)})
    return {place for (place,) in await cursor.fetchall()}


async def _in_force(
    connection: AsyncConnection, entries: Sequence[AssignmentEntry]
) -> Mapping[str, AssignmentRecord]:
    if not entries:
        return {}
    records = [entry.record for entry in entries]
    cursor = await connection.execute(
        _SQL["assignments_in_force"],
        {
            "ids": [record.key for record in records],
            "officers": list({record.officer for record in records}),
            "counters": list({place for record in records for place in record.places[1:]}),
            "since": min(record.starts_at for record in records),
            "until": max(record.ends_at for record in records),
        },
    )
    names = ("id", "officer", "unit", "counter", "starts_at", "ends_at")
    return {
        row[0]: AssignmentRecord(**dict(zip(names, row, strict=True)))
        for row in await cursor.fetchall()
    }


def _columns(records: Sequence[AssignmentRecord], source: AssignmentSource) -> dict[str, object]:
    return {
        "id": [record.key for record in records],
        "cancelled": [bool(record.cancelled) for record in records],
        "source": source,
        **{
            name: [getattr(record, name) for record in records]
            for name in ("officer", "unit", "counter", "starts_at", "ends_at")
        },
    }


def _by_counter(
    spans: Iterable[tuple[str, str | None, datetime, datetime]],
) -> list[ChangedDuty]:
    """Return each counter once, with the whole time for which something was told."""
    whole: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for unit, counter, start, end in spans:
        if counter is not None:
            since, until = whole.get((unit, counter), (start, end))
            whole[unit, counter] = min(since, start), max(until, end)
    return [(unit, counter, *span) for (unit, counter), span in sorted(whole.items())]


def _unknown(entry: Entry[Any], column: str, value: str) -> Rejection:
    return entry.reject(refuse(f"unknown_{column}", room=ROOM, column=column), value)
