"""Deadlines of complaints follow calendars and units that change, and are compared with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from psycopg import AsyncConnection

from runtime.sql import statements
from server.calendars.store import read_calendars
from server.complaints.complaints import ComplaintRecord, ComplaintState, state_of
from server.db.changes import announce_change
from server.db.literals import literal

_SQL = statements("server.complaints", "complaints.sql")
_STATED = (
    "id", "source", "revision", "unit", "received_at", "procedure", "dossier", "officer",
    "rejected_at", "asked_at", "answered_at", "resolved_at", "published_at", "satisfied",
)  # fmt: skip
_STATE = tuple(field.name for field in fields(ComplaintState))

PAGE_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A complaint whose stored deadlines are not those that follow from its record."""

    record: ComplaintRecord
    stored: tuple[Any, ...]
    right: ComplaintState

    @property
    def sentence(self) -> str:
        """What differs, in one line."""
        pairs = zip(_STATE, self.stored, astuple(self.right), strict=True)
        told = ", ".join(f"{name} {one} for {other}" for name, one, other in pairs if one != other)
        return f"complaint {self.record.id}: {told}"


async def recompute_stale(connection: AsyncConnection) -> bool:
    """Compute a page of deadlines anew where calendars have changed; return whether more wait.

    In one transaction, so that a worker that is killed goes on where it was.
    """
    await connection.execute(_SQL["lock"])
    row = await (await connection.execute(_SQL["stale"])).fetchone()
    if row is None:
        return False
    since, after = row
    last, wrong = await _page(connection, after)
    if last is None:
        await connection.execute(_SQL["no_longer_stale"], {"since": since})
        return False
    await _renew(connection, wrong)
    await connection.execute(_SQL["stale_until"], {"since": since, "after": last})
    return True


async def verify_complaints(connection: AsyncConnection, *, repair: bool) -> AsyncIterator[str]:
    """Yield a sentence for each complaint with wrong deadlines; `repair` writes them anew."""
    after: str | None = ""
    while after is not None:
        async with connection.transaction():
            await connection.execute(_SQL["lock"])
            after, wrong = await _page(connection, after)
            if repair:
                await _renew(connection, wrong)
        for each in wrong:
            yield each.sentence


async def _page(connection: AsyncConnection, after: str) -> tuple[str | None, list[Compared]]:
    """Return the last id of the page after this one, None where there is none, and what differs."""
    calendars = await read_calendars(connection)
    page = {"after": after, "limit": PAGE_ROWS}
    rows = await (await connection.execute(_SQL["stored"], page)).fetchall()
    wrong: list[Compared] = []
    for row in rows:
        record = ComplaintRecord(**dict(zip(_STATED, row, strict=False)))
        stored, right = row[len(_STATED) :], state_of(record, calendars.of(record.unit))
        if stored != astuple(right):
            wrong.append(Compared(record=record, stored=stored, right=right))
    return (rows[-1][0] if rows else None), wrong


async def _renew(connection: AsyncConnection, wrong: Sequence[Compared]) -> None:
    if not wrong:
        return
    states = [each.right for each in wrong]
    values = {name: literal([getattr(each, name) for each in states]) for name in _STATE}
    values["id"] = literal([each.record.id for each in wrong])
    await connection.execute(_SQL["renew_states"], values)
    await announce_change(connection, {each.record.unit for each in wrong})
