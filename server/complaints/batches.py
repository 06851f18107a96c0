"""Takes batches of complaints, wherever they come from. What a complaint says is not read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from pydantic import BaseModel, ConfigDict, Field

from server.batches.answers import BatchAnswer, RefusedRecord
from server.batches.fields import Key, Moment, Name
from server.batches.requests import parse_records
from server.complaints.complaints import ComplaintRecord, first_fault
from server.complaints.store import ROOM, store_complaints
from server.tabular.refusals import Refusal, refuse

AHEAD = timedelta(days=1)


class ComplaintBody(BaseModel):
    """One complaint. Its text and who made it are not read at all."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id: Key
    revision: Moment | None = Field(
        default=None, description="When the source last changed it; without it, when it came."
    )
    unit: Name = Field(description="The unit that has to answer.")
    received_at: Moment
    procedure: Key | None = None
    dossier: Key | None = None
    officer: Name | None = None
    rejected_at: Moment | None = None
    asked_at: Moment | None = Field(default=None, description="The complainant was asked for more.")
    answered_at: Moment | None = None
    resolved_at: Moment | None = None
    published_at: Moment | None = None
    satisfied: bool | None = Field(
        default=None, description="What the complainant thought of how it was handled."
    )

    def record(self, source: str, now: datetime) -> ComplaintRecord:
        """Return it as a value."""
        return ComplaintRecord(
            **self.model_dump(exclude={"revision"}), source=source, revision=self.revision or now
        )


async def take_complaints(
    connection: AsyncConnection, records: Sequence[Any], source: str, now: datetime
) -> BatchAnswer:
    """Store what can be taken of `records`, JSON values of ComplaintBody, and say what cannot."""
    bodies, refused = parse_records(ComplaintBody, records)
    taken = []
    for index, body in bodies:
        complaint = body.record(source, now)
        if (fault := first_fault(complaint, now + AHEAD)) is not None:
            refused.append(_refused(index, refuse(fault[1], room=ROOM, column=fault[0])))
        else:
            taken.append((index, complaint))
    stored = await store_complaints(connection, [complaint for _, complaint in taken])
    refused += [_refused(taken[place][0], each) for place, each in stored.refused.items()]
    refused.sort(key=lambda each: (each.index, each.field))
    return BatchAnswer(stored=stored.stored, unchanged=stored.unchanged, refused=refused)


def _refused(index: int, refusal: Refusal) -> RefusedRecord:
    return RefusedRecord(
        index=index,
        field=refusal.column or "",
        reason=refusal.reason(),
        remedy=refusal.remedy(),
    )
