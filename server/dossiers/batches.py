"""Takes batches of dossiers and events, wherever they come from: checks, stores, says what not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from server.batches.answers import BatchAnswer, RefusedRecord
from server.batches.requests import parse_records
from server.dossiers.bodies import DossierBody, EventBody
from server.dossiers.checks import check_event, check_record
from server.dossiers.privacy import ApplicantSettings
from server.dossiers.store import store_events, store_records
from server.procedures.store import register
from server.tabular.refusals import Refusal


async def take_dossiers(
    connection: AsyncConnection,
    records: Sequence[Any],
    source: str,
    now: datetime,
    settings: ApplicantSettings,
) -> BatchAnswer:
    """Store what can be taken of `records`, JSON values of DossierBody, and say what cannot."""
    bodies, refused = parse_records(DossierBody, records)
    taken = []
    for index, body in bodies:
        record = body.record(source, now, settings)
        if (refusal := check_record(record, now)) is not None:
            refused.append(_refused(index, refusal))
        else:
            taken.append((index, body, record))
    await register(connection, {body.named.code: body.named for _, body, _ in taken}.values())
    stored = await store_records(connection, [record for _, _, record in taken])
    refused += [_refused(taken[place][0], each) for place, each in stored.refused.items()]
    return _answer(stored.stored, stored.unchanged, refused)


async def take_events(
    connection: AsyncConnection, records: Sequence[Any], source: str, now: datetime
) -> BatchAnswer:
    """Store what can be taken of `records`, JSON values of EventBody, and say what cannot."""
    bodies, refused = parse_records(EventBody, records)
    taken = []
    for index, body in bodies:
        event = body.event(now)
        if (refusal := check_event(event, now)) is not None:
            refused.append(_refused(index, refusal))
        else:
            taken.append(event)
    stored = await store_events(connection, taken, source)
    return _answer(stored.stored, stored.unchanged, refused)


def _answer(stored: int, unchanged: int, refused: list[RefusedRecord]) -> BatchAnswer:
    in_order = sorted(refused, key=lambda each: (each.index, each.field))
    return BatchAnswer(stored=stored, unchanged=unchanged, refused=in_order)


def _refused(index: int, refusal: Refusal) -> RefusedRecord:
    return RefusedRecord(
        index=index,
        field=refusal.column or "",
        reason=refusal.reason(),
        remedy=refusal.remedy(),
    )
