"""Stores records and events of dossiers, with the states that follow from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from runtime.sql import statements
from server.calendars.store import Calendars, read_calendars
from server.db.changes import announce_change
from server.db.literals import literal
from server.dossiers.checks import ROOM
from server.dossiers.dossiers import DossierRecord, Event, EventKind
from server.dossiers.rows import StatedDossier, columns, digest_of, record_of
from server.dossiers.states import state_of
from server.procedures.procedures import Procedure
from server.procedures.store import read_procedures
from server.tabular.refusals import Refusal, refuse

_SQL = statements("server.dossiers", "dossiers.sql")

PAGE_ROWS = 5_000

_COUNTED_ROWS = 200_000
"""So many are counted together: two months of a province, of which most totals are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch: rows that changed something, rows that changed nothing, and those
    that were refused, by their place in the batch.
    """

    stored: int
    unchanged: int
    refused: Mapping[int, Refusal]


@asynccontextmanager
async def counted_together(connection: AsyncConnection) -> AsyncIterator[None]:
    """Count the dossiers of many batches together, in a transaction that is open around them.

    Totals are exact when the block has ended; within it they lag behind.
    """
    await connection.execute(_SQL["lock"])
    await connection.execute(_SQL["count_later"])
    yield
    await connection.execute(_SQL["count_uncounted"], {"at_least": 0})
    await connection.execute(_SQL["count_at_once"])


async def store_records(
    connection: AsyncConnection, records: Sequence[DossierRecord], came_at: datetime | None = None
) -> Stored:
    """Store what is newer than what is there; the procedures are registered already.

    Refused are records that name a unit that is not known, or a procedure that another system
    speaks for; and of those that have no revision but `came_at`, when they came, a dossier that
    came twice and differs.
    """
    await connection.execute(_SQL["lock"])
    books = await _Books.read(connection)
    refused: dict[int, Refusal] = {}
    newest: dict[str, tuple[int, DossierRecord]] = {}
    for place, record in enumerate(records):
        if (refusal := books.refusal(record)) is not None:
            refused[place] = refusal
            continue
        digest = digest_of(record)
        known = newest.get(record.code)
        if known is not None and _is_twice(record, digest, known[1].revision, known[0], came_at):
            refused[place] = _twice(record)
        elif known is None or (record.revision, digest) > (known[1].revision, known[0]):
            newest[record.code] = (digest, record)
    stored = await _stored(connection, list(newest))
    for place, record in enumerate(records):
        at = stored.get(record.code)
        if at and place not in refused and _is_twice(record, newest[record.code][0], *at, came_at):
            refused[place] = _twice(record)
            newest.pop(record.code)
    changed = await _newer(connection, newest, stored)
    await _write(connection, books, changed)
    unchanged = len(records) - len(refused) - len(changed)
    return Stored(stored=len(changed), unchanged=unchanged, refused=refused)


async def store_events(connection: AsyncConnection, events: Sequence[Event], source: str) -> Stored:
    """Store events and compute the states of their dossiers anew.

    Events of a dossier without a record wait for it.
    """
    if not events:
        return Stored(stored=0, unchanged=0, refused={})
    await connection.execute(_SQL["lock"])
    await connection.execute(_SQL["mark_links"], {"codes": [event.code for event in events]})
    cursor = await connection.execute(_SQL["store_events"], _event_columns(events, source))
    codes = [code for (code,) in await cursor.fetchall()]
    await recompute(connection, codes)
    return Stored(stored=len(codes), unchanged=len(events) - len(codes), refused={})


async def recompute(connection: AsyncConnection, codes: Iterable[str]) -> int:
    """Compute the states of these dossiers anew and return how many there are."""
    await lock(connection)
    records = await _records(connection, codes)
    await _write(connection, await _Books.read(connection), records)
    return len(records)


async def lock(connection: AsyncConnection) -> None:
    """Keep everybody else from writing dossiers until the caller's transaction ends."""
    await connection.execute(_SQL["lock"])


async def stated(connection: AsyncConnection, codes: Iterable[str]) -> list[StatedDossier]:
    """Return these dossiers with the states that follow from what is stored of them."""
    return await _stated(
        connection, await _Books.read(connection), await _records(connection, codes)
    )


async def _records(
    connection: AsyncConnection, codes: Iterable[str]
) -> list[tuple[int, DossierRecord]]:
    wanted = {"codes": sorted(set(codes))}
    rows = await (await connection.execute(_SQL["stored_records"], wanted)).fetchall()
    return [(digest_of(record), record) for record in map(record_of, rows)]


async def recompute_stale(connection: AsyncConnection) -> bool:
    """Compute a page of states anew where what they rest on has changed; return whether more wait.

    In one transaction, so that a worker that is killed goes on where it was.
    """
    row = await (await connection.execute(_SQL["stale"])).fetchone()
    if row is None:
        return False
    since, after = row
    page = {"after": after, "limit": PAGE_ROWS}
    rows = await (await connection.execute(_SQL["codes_after"], page)).fetchall()
    codes = [code for (code,) in rows]
    if not codes:
        await connection.execute(_SQL["no_longer_stale"], {"since": since})
        return False
    await recompute(connection, codes)
    await connection.execute(_SQL["stale_until"], {"since": since, "after": codes[-1]})
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """What records are judged by: units, procedures and calendars."""

    units: AbstractSet[str]
    procedures: Mapping[str, Procedure]
    calendars: Calendars

    @classmethod
    async def read(cls, connection: AsyncConnection) -> _Books:
        rows = await (await connection.execute(_SQL["units"])).fetchall()
        return cls(
            units=frozenset(unit for (unit,) in rows),
            procedures=await read_procedures(connection),
            calendars=await read_calendars(connection),
        )

    def refusal(self, record: DossierRecord) -> Refusal | None:
        for column in ("receiving_unit", "resolving_unit", "area_unit"):
            unit = getattr(record, column)
            if unit is not None and unit not in self.units:
                return refuse("unknown_unit", room=ROOM, column=column, unit=unit)
        speaks = self.procedures[record.procedure].source
        if speaks is not None and speaks != record.source:
            return refuse("other_source", room=ROOM, column="procedure", source=speaks)
        return None

    def state(self, digest: int, record: DossierRecord, events: Sequence[Event]) -> StatedDossier:
        procedure = self.procedures[record.procedure]
        calendar = self.calendars.of(record.resolving_unit)
        return StatedDossier(
            record=record,
            digest=digest,
            state=state_of(record, events, procedure, calendar),
            family=procedure.family,
        )


_Stored = Mapping[str, tuple[datetime, int]]
"""Revision and digest by code."""


async def _stored(connection: AsyncConnection, codes: Sequence[str]) -> _Stored:
    cursor = await connection.execute(_SQL["stored_revisions"], {"codes": codes})
    return {code: (revision, digest) for code, revision, digest in await cursor.fetchall()}


def _is_twice(
    record: DossierRecord,
    digest: int,
    revision: datetime,
    known_digest: int,
    came_at: datetime | None,
) -> bool:
    """Return whether the record came together with another one of its dossier that differs."""
    return came_at is not None and record.revision == revision == came_at and digest != known_digest


def _twice(record: DossierRecord) -> Refusal:
    return refuse("twice", room=ROOM, column="code", dossier=record.code)


async def _newer(
    connection: AsyncConnection,
    newest: Mapping[str, tuple[int, DossierRecord]],
    stored: _Stored,
) -> list[tuple[int, DossierRecord]]:
    """Return the records that state something new, with their digests.

    What states the same again has its revision kept, so that an older statement that comes later
    changes nothing.
    """
    newer = [
        (digest, record)
        for code, (digest, record) in newest.items()
        if code not in stored or (record.revision, digest) > stored[code]
    ]
    same = [each for each in newer if stored.get(each[1].code, _NOTHING)[1] == each[0]]
    if same:
        again = {
            "code": literal([record.code for _, record in same]),
            "revision": literal([record.revision for _, record in same]),
        }
        await connection.execute(_SQL["renew_revisions"], again)
    return [each for each in newer if stored.get(each[1].code, _NOTHING)[1] != each[0]]


_NOTHING = (None, None)


async def _write(
    connection: AsyncConnection, books: _Books, records: Sequence[tuple[int, DossierRecord]]
) -> None:
    if not records:
        return
    dossiers = await _stated(connection, books, records)
    codes = {"codes": [record.code for _, record in records]}
    await connection.execute(_SQL["mark_links"], codes)
    await connection.execute(_SQL["store_dossiers"], columns(dossiers))
    await connection.execute(_SQL["count_uncounted"], {"at_least": _COUNTED_ROWS})
    await connection.execute(_SQL["mark_links"], codes)
    await announce_change(
        connection,
        {unit for _, record in records for unit in (record.receiving_unit, record.resolving_unit)},
    )


async def _stated(
    connection: AsyncConnection, books: _Books, records: Sequence[tuple[int, DossierRecord]]
) -> list[StatedDossier]:
    events = await _events_of(connection, [record.code for _, record in records])
    return [books.state(digest, record, events[record.code]) for digest, record in records]


async def _events_of(
    connection: AsyncConnection, codes: Sequence[str]
) -> Mapping[str, Sequence[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    cursor = await connection.execute(_SQL["events_of"], {"codes": list(codes)})
    for code, id_, kind, at, revision, promised_at, officer, score, void in await cursor.fetchall():
        event = Event(
            code=code,
            id=id_,
            kind=EventKind(kind),
            at=at,
            revision=revision,
            promised_at=promised_at,
            officer=officer,
            score=score,
            void=void,
        )
        found[code].append(event)
    return found


def _event_columns(events: Sequence[Event], source: str) -> dict[str, str]:
    names = ("code", "id", "kind", "at", "revision", "promised_at", "officer", "score", "void")
    values = {name: literal([getattr(event, name) for event in events]) for name in names}
    return values | {"source": literal([source] * len(events))}
