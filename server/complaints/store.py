"""Stores complaints with their deadlines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime

import msgspec
from psycopg import AsyncConnection

from runtime.sql import statements
from server.calendars.store import read_calendars
from server.complaints.complaints import ComplaintRecord, ComplaintState, state_of
from server.db.changes import announce_change
from server.db.literals import literal
from server.tabular.refusals import Refusal, refuse

ROOM = "server.complaints"

_SQL = statements("server.complaints", "complaints.sql")
_RECORD = tuple(field.name for field in fields(ComplaintRecord))
_STATE = tuple(field.name for field in fields(ComplaintState))
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Rows that changed something, rows that changed nothing, and the refused by their place."""

    stored: int
    unchanged: int
    refused: Mapping[int, Refusal]


async def store_complaints(
    connection: AsyncConnection, complaints: Sequence[ComplaintRecord]
) -> Stored:
    """Store what is newer than what is there; refuse units that are not known."""
    await connection.execute(_SQL["lock"])
    rows = await (await connection.execute(_SQL["units"])).fetchall()
    units = {unit for (unit,) in rows}
    refused = {
        place: refuse("unknown_unit", room=ROOM, column="unit", unit=complaint.unit)
        for place, complaint in enumerate(complaints)
        if complaint.unit not in units
    }
    newest: dict[str, tuple[int, ComplaintRecord]] = {}
    for place, complaint in enumerate(complaints):
        if place in refused:
            continue
        digest, known = _digest(complaint), newest.get(complaint.id)
        if known is None or (complaint.revision, digest) > (known[1].revision, known[0]):
            newest[complaint.id] = (digest, complaint)
    changed = await _write(connection, list(newest.values()))
    await announce_change(connection, set(changed))
    unchanged = len(complaints) - len(refused) - len(changed)
    return Stored(stored=len(changed), unchanged=unchanged, refused=refused)


async def _write(
    connection: AsyncConnection, complaints: Sequence[tuple[int, ComplaintRecord]]
) -> list[str]:
    if not complaints:
        return []
    calendars = await read_calendars(connection)
    states = [state_of(complaint, calendars.of(complaint.unit)) for _, complaint in complaints]
    records = [complaint for _, complaint in complaints]
    values = {name: literal([getattr(each, name) for each in records]) for name in _RECORD}
    values |= {name: literal([getattr(each, name) for each in states]) for name in _STATE}
    values["digest"] = literal([digest for digest, _ in complaints])
    cursor = await connection.execute(_SQL["store_complaints"], values)
    return [unit for (unit,) in await cursor.fetchall()]


def _digest(complaint: ComplaintRecord) -> int:
    """Return a number that stands for what is stated, whenever that was."""
    content = msgspec.json.encode(astuple(replace(complaint, revision=_EPOCH)))
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), signed=True)
