"""The tables of dossiers and of their events: their columns, and how they are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from runtime.settings import read_settings
from server.dossiers.checks import ROOM, check_event, check_record
from server.dossiers.dossiers import DossierRecord, Event, EventKind, Supplement
from server.dossiers.privacy import ApplicantSettings, applicant_hash
from server.dossiers.store import counted_together, store_events, store_records
from server.procedures.procedures import Channel
from server.procedures.store import Named, register
from server.staff.officers import CODE as OFFICER_CODE
from server.tabular import cells
from server.tabular.cells import Value, written
from server.tabular.days import instant
from server.tabular.imports import Kind
from server.tabular.records import Column, Entry, Record
from server.tabular.refusals import Refusal, Rejection, refuse

IMPORT = "import"
"""The source of what somebody imported from a file."""

BATCH_ROWS = 20_000
"""A dossier takes about 2 kB while it is read: a batch stays below 50 MB."""

_DOSSIER_CODE = r"[0-9A-Z][0-9A-Z._/-]*"
_END_OF_DAY = time(23, 59, 59)
_CODE = cells.code(only=_DOSSIER_CODE)
_PROCEDURE = cells.code(only=OFFICER_CODE)  # the same signs: what scopes can name
_OFFICER = cells.code(only=OFFICER_CODE)
_SPLIT = re.compile(r"\s*>\s*")
_CHANNELS = {
    "trực tiếp": Channel.DIRECT,
    "trực tuyến": Channel.ONLINE,
    "bưu chính": Channel.POST,
    "bưu chính công ích": Channel.POST,
    "qua bưu chính": Channel.POST,
}


def promise(value: Value) -> datetime | Refusal:
    """Return until when something is promised: a day, or midnight, is the whole day."""
    found = instant(value)
    if isinstance(found, Refusal):
        return found
    local = found.astimezone(LOCAL_TIME)
    if local.time() != time():
        return found
    return datetime.combine(local.date(), _END_OF_DAY, LOCAL_TIME).astimezone(UTC)


def supplements(value: Value) -> tuple[Supplement, ...] | Refusal:
    """Return requests to the citizen: `ASKED > ANSWERED > PROMISED; …`."""
    found = []
    for part in filter(None, (each.strip() for each in written(value).split(";"))):
        asked, answered, promised, *rest = [*_SPLIT.split(part), "", ""]
        dates = (
            instant(asked),
            instant(answered) if answered else None,
            promise(promised) if promised else None,
        )
        if any(rest) or any(isinstance(each, Refusal) for each in dates):
            return refuse("not_supplements", room=ROOM)
        found.append(
            Supplement(asked_at=dates[0], answered_at=dates[1], promised_at=dates[2])  # type: ignore[arg-type]
        )
    return tuple(found)


_FAMILY = cells.code(only=OFFICER_CODE)


def family(value: Value) -> str | Refusal:
    """Return a family of procedures, in lower case."""
    found = _FAMILY(value)
    return found if isinstance(found, Refusal) else found.lower()


def _dossier_columns(identity: Callable[[Value], str | None]) -> tuple[Column, ...]:
    return (
        Column(name="code", parse=_CODE, required=True, example="G09.20-20260609-0092637"),
        Column(name="revision", parse=instant, example=""),
        Column(name="procedure", parse=_PROCEDURE, required=True, example="1.001193"),
        Column(name="procedure_name", parse=cells.text(500), example="Thủ tục đăng ký khai sinh"),
        Column(name="family", parse=family, example="ho-tich"),
        Column(name="family_name", parse=cells.text(), example="Hộ tịch"),
        Column(name="receiving_unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="resolving_unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="area_unit", parse=cells.name, example=""),
        Column(name="channel", parse=cells.choice(Channel, _CHANNELS), example="trực tuyến"),
        Column(name="officer", parse=_OFFICER, example="CB-0123"),
        Column(name="received_at", parse=instant, required=True, example="09/06/2026 08:15"),
        Column(name="promised_at", parse=promise, example="12/06/2026"),
        Column(name="accepted_at", parse=instant, example="09/06/2026 08:20"),
        Column(name="processed_at", parse=instant, example="11/06/2026 16:00"),
        Column(name="returned_at", parse=instant, example="12/06/2026 09:00"),
        Column(name="handed_out_at", parse=instant, example=""),
        Column(name="stopped_at", parse=instant, example=""),
        Column(name="refused_at", parse=instant, example=""),
        Column(name="withdrawn_at", parse=instant, example=""),
        Column(name="supplements", parse=supplements, example=""),
        Column(name="fee_due", parse=cells.flag, example="có"),
        Column(name="paid_online", parse=cells.flag, example="có"),
        Column(name="digitised", parse=cells.flag, example="có"),
        Column(name="result_digitised", parse=cells.flag, example="có"),
        Column(name="data_reused", parse=cells.flag, example="không"),
        Column(name="identity_verified", parse=cells.flag, example="có"),
        Column(name="applicant_identity", parse=identity, example=""),
        Column(name="ticket", parse=cells.text(32), example="A012"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRecord:
    """A dossier's record with the procedure as it names it."""

    record: DossierRecord
    named: Named


def dossier_record(source: str, now: datetime) -> Record[StatedRecord]:
    """Return the table of the dossiers that `source` states at `now`."""
    settings = read_settings(ApplicantSettings)
    return Record(
        kind="dossiers",
        room=ROOM,
        columns=_dossier_columns(lambda value: applicant_hash(written(value), settings)),
        make=partial(_make, source, now),
        check=lambda made: check_record(made.record, now),
    )


def dossiers(source: str = IMPORT) -> Kind[StatedRecord]:
    """Return how dossiers of `source` are stored; what has no revision is as new as this moment."""
    now = datetime.now(UTC)
    return Kind(
        record=dossier_record(source, now),
        store=partial(_store_dossiers, now),
        batch_rows=BATCH_ROWS,
        around=counted_together,
    )


def _make(
    source: str,
    now: datetime,
    *,
    procedure_name: str | None = None,
    family: str | None = None,
    family_name: str | None = None,
    applicant_identity: str | None = None,
    **values: Any,  # noqa: ANN401 - each column has its own type
) -> StatedRecord:
    # A file need not have every column.
    values["revision"] = values.get("revision") or now
    values["channel"] = values.get("channel") or Channel.DIRECT
    values["supplements"] = values.get("supplements") or ()
    record = DossierRecord(**values, source=source, applicant=applicant_identity)
    named = Named(
        code=record.procedure, name=procedure_name, family=family, family_name=family_name
    )
    return StatedRecord(record=record, named=named)


async def _store_dossiers(
    came_at: datetime, connection: AsyncConnection, entries: Sequence[Entry[StatedRecord]]
) -> list[Rejection]:
    named = {entry.record.named.code: entry.record.named for entry in entries}
    await register(connection, named.values())
    records = [entry.record.record for entry in entries]
    stored = await store_records(connection, records, came_at)
    return _rejections(entries, stored.refused)


def events(source: str = IMPORT) -> Kind[Event]:
    """Return how events of `source` are stored; what has no revision is as new as this moment."""
    now = datetime.now(UTC)

    def make(**values: Any) -> Event:  # noqa: ANN401 - each column has its own type
        values["revision"] = values.get("revision") or now
        return Event(**values | {"void": bool(values.get("void"))})

    record = Record(
        kind="dossier_events",
        room=ROOM,
        columns=_EVENT_COLUMNS,
        make=make,
        check=lambda event: check_event(event, now),
    )
    return Kind(record=record, store=partial(_store_events, source))


_EVENT_COLUMNS = (
    Column(name="code", parse=_CODE, required=True, example="G09.20-20260609-0092637"),
    Column(name="id", parse=cells.text(64), required=True, example="0092637-4"),
    Column(name="kind", parse=cells.choice(EventKind), required=True, example="processed"),
    Column(name="at", parse=instant, required=True, example="2026-06-11T16:00:00+07:00"),
    Column(name="revision", parse=instant, example=""),
    Column(name="promised_at", parse=promise, example=""),
    Column(name="officer", parse=_OFFICER, example=""),
    Column(name="score", parse=cells.whole(1, 5), example=""),
    Column(name="void", parse=cells.flag, example=""),
)


async def _store_events(
    source: str, connection: AsyncConnection, entries: Sequence[Entry[Event]]
) -> list[Rejection]:
    stored = await store_events(connection, [entry.record for entry in entries], source)
    return _rejections(entries, stored.refused)


def _rejections(entries: Sequence[Entry[Any]], refused: Mapping[int, Refusal]) -> list[Rejection]:
    return [entries[place].reject(refusal) for place, refusal in refused.items()]


EVENT_RECORD: Record[dict[str, Any]] = Record(
    kind="dossier_events", room=ROOM, columns=_EVENT_COLUMNS, make=dict
)
"""What the documentation says of a batch of events."""

DOSSIER_RECORD: Record[dict[str, Any]] = Record(
    kind="dossiers", room=ROOM, columns=_dossier_columns(written), make=dict
)
"""What the documentation says of a batch of dossiers."""
