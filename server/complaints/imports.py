"""The table of complaints: its columns, and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from psycopg import AsyncConnection

from server.complaints.complaints import ComplaintRecord, Subject, first_fault
from server.complaints.store import ROOM, store_complaints
from server.staff.officers import CODE
from server.tabular import cells
from server.tabular.days import instant
from server.tabular.imports import Kind
from server.tabular.records import Column, Entry, Record
from server.tabular.refusals import Refusal, Rejection, refuse

IMPORT = "import"
AHEAD = timedelta(days=1)

_CODE = cells.code(only=r"[0-9A-Z][0-9A-Z._/-]*")
_SUBJECTS = {
    "thái độ": Subject.ATTITUDE,
    "chậm giải quyết": Subject.DELAY,
    "hướng dẫn": Subject.GUIDANCE,
    "yêu cầu thêm giấy tờ": Subject.PAPERS,
    "thu thêm tiền": Subject.PAYMENT,
    "cơ sở vật chất": Subject.FACILITIES,
    "khác": Subject.OTHER,
}
_COLUMNS = (
    Column(name="id", parse=_CODE, required=True, example="PAKN-2026-00123"),
    Column(name="revision", parse=instant, example=""),
    Column(name="unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
    Column(name="received_at", parse=instant, required=True, example="09/06/2026 08:15"),
    Column(name="procedure", parse=cells.code(only=CODE), example="1.001193"),
    Column(name="dossier", parse=_CODE, example=""),
    Column(name="officer", parse=cells.code(only=CODE), example=""),
    Column(name="rejected_at", parse=instant, example=""),
    Column(name="asked_at", parse=instant, example=""),
    Column(name="answered_at", parse=instant, example=""),
    Column(name="resolved_at", parse=instant, example="18/06/2026 16:00"),
    Column(name="published_at", parse=instant, example="19/06/2026 09:00"),
    Column(name="satisfied", parse=cells.flag, example="có"),
    Column(name="subject", parse=cells.choice(Subject, _SUBJECTS), example="thái độ"),
)


def complaints(source: str = IMPORT) -> Kind[ComplaintRecord]:
    """Return how complaints of `source` are stored; what has no revision is as new as this moment.

    What a complaint says and who made it have no column: they are not kept.
    """
    now = datetime.now(UTC)

    def make(**values: Any) -> ComplaintRecord:  # noqa: ANN401 - each column has its own type
        return ComplaintRecord(
            **values | {"revision": values.get("revision") or now}, source=source
        )

    record = Record(
        kind="complaints", room=ROOM, columns=_COLUMNS, make=make, check=partial(_check, now)
    )
    return Kind(record=record, store=_store)


COMPLAINT_RECORD: Record[dict[str, Any]] = Record(
    kind="complaints", room=ROOM, columns=_COLUMNS, make=dict
)
"""What the documentation says of a batch of complaints."""


def _check(now: datetime, complaint: ComplaintRecord) -> Refusal | None:
    fault = first_fault(complaint, now + AHEAD)
    return None if fault is None else refuse(fault[1], room=ROOM, column=fault[0])


async def _store(
    connection: AsyncConnection, entries: Sequence[Entry[ComplaintRecord]]
) -> list[Rejection]:
    stored = await store_complaints(connection, [entry.record for entry in entries])
    return [entries[place].reject(refusal) for place, refusal in stored.refused.items()]
