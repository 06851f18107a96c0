"""Records that arrive over REST: by the rules of imported tables, each batch once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
import psycopg
from fastapi import Header, Query
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from contract.texts import Language
from runtime.sql import statements
from server.errors import KeyReused, RequestInvalid
from server.tabular.imports import Kind, store_batch
from server.tabular.records import Entry, Record, Row, RowReader
from server.tabular.refusals import Fault, Rejection
from server.tabular.schemas import MOST_RECORDS

STORE_WITHIN_S = 30.0
"""A batch may take longer than the answer to a question."""

KEPT_DAYS = 30
"""How long a key is remembered."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="A name of this batch of the client's own making. The same batch under the "
        f"same key is stored once and answered alike for {KEPT_DAYS} days.",
    ),
]
KeepGoing = Annotated[
    bool, Query(description="Store the right records of a batch with wrong ones; otherwise none.")
]
SourceName = Annotated[
    str,
    Query(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="The system that the records come from, by a name of its own.",
    ),
]

_SQL = statements("server.tabular", "batches.sql")
_Scalar: TypeAlias = str | int | float | bool | None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    records: Annotated[
        list[dict[str, _Scalar]], msgspec.Meta(min_length=1, max_length=MOST_RECORDS)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCell:
    """What is wrong with a record, in both languages; `record` counts from 0."""

    record: int
    column: str
    value: str
    code: str
    reason_vi: str
    reason_en: str
    remedy_vi: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """How many records are stored, how many are not, and why; `committed` says whether any are."""

    stored: int
    rejected: int
    committed: bool
    faults: tuple[RefusedCell, ...]


async def take_batch(
    connection: AsyncConnection, kind: Kind[Any], body: bytes, key: str, *, keep_going: bool = False
) -> BatchAnswer:
    """Store the records in `body` in the present transaction and return what became of them.

    A key that was answered is answered again, and nothing is stored. Raises RequestInvalid for a
    body that is no batch, and KeyReused for a key that came with another one.
    """
    records = _records(body)
    digest = hashlib.sha256(b"%d%b" % (keep_going, body)).digest()
    place = {"route": kind.record.kind, "key": key}
    claimed = await connection.execute(_SQL["claim_key"], {**place, "digest": digest})
    if not claimed.rowcount:
        return await _answered(connection, place, digest)
    answer = await _store(connection, kind, records, keep_going=keep_going)
    if answer.committed:
        # Without the values of wrong cells: nobody can tell what a client puts there.
        faults = tuple(replace(fault, value="") for fault in answer.faults)
        kept = Jsonb(msgspec.to_builtins(replace(answer, faults=faults)))
        await connection.execute(_SQL["keep_answer"], {**place, "answer": kept})
    else:
        await connection.execute(_SQL["release_key"], place)
    return answer


async def purge_answers(connection: AsyncConnection, before: datetime) -> int:
    """Forget what was answered before `before` and return how many answers that was."""
    return (await connection.execute(_SQL["purge_answers"], {"before": before})).rowcount


def _records(body: bytes) -> Sequence[Mapping[str, _Scalar]]:
    try:
        return msgspec.json.decode(body, type=_Body).records
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestInvalid(
            f"the body is no batch: {error}; send an object with at most {MOST_RECORDS:,} records"
        ) from error


async def _answered(
    connection: AsyncConnection, place: Mapping[str, str], digest: bytes
) -> BatchAnswer:
    row = await (await connection.execute(_SQL["answer_of_key"], place)).fetchone()
    assert row is not None
    if row[0] != digest:
        raise KeyReused(
            f"the Idempotency-Key {place['key']!r} came before with another batch; "
            "give each batch a key of its own"
        )
    return msgspec.convert(row[1], BatchAnswer)


async def _store(
    connection: AsyncConnection,
    kind: Kind[Any],
    records: Sequence[Mapping[str, _Scalar]],
    *,
    keep_going: bool,
) -> BatchAnswer:
    """Store in a savepoint, which is undone where nothing is to be kept."""
    reader = _reader(kind.record, records)
    async with connection.transaction() as undo:
        rows = _rows(kind.record, records)
        read = [reader.read(row) for row in rows]
        rejections = [each for each in read if isinstance(each, Rejection)]
        entries = [each for each in read if isinstance(each, Entry)]
        left_out = await store_batch(connection, kind, entries)
        rejections += [reader.titled(each, rows[each.line]) for each in left_out]
        committed = keep_going or not rejections
        if not committed:
            raise psycopg.Rollback(undo)
    return BatchAnswer(
        stored=len(records) - len(rejections) if committed else 0,
        rejected=len(rejections),
        committed=committed,
        faults=tuple(_refused(rejections)),
    )


def _reader(record: Record[Any], records: Sequence[Mapping[str, _Scalar]]) -> RowReader[Any]:
    names = [column.name for column in record.columns]
    for number, each in enumerate(records):
        if unknown := sorted(set(each) - set(names)):
            raise RequestInvalid(
                f"record {number} has the field {unknown[0]!r}; there are {', '.join(names)}"
            )
    places = [(column, place) for place, column in enumerate(record.columns)]
    return RowReader(record=record, titles=names, places=places)


def _rows(record: Record[Any], records: Sequence[Mapping[str, _Scalar]]) -> list[Row]:
    """Return the records as rows, whose line is their number from 0; null is an empty cell."""
    rows = []
    for number, each in enumerate(records):
        values = (each.get(column.name) for column in record.columns)
        cells = ["" if value is None else value for value in values]
        rows.append(Row(line=number, cells=cells))
    return rows


def _refused(rejections: Sequence[Rejection]) -> list[RefusedCell]:
    return [
        _cell(rejection.line, fault)
        for rejection in sorted(rejections, key=lambda each: each.line)
        for fault in rejection.faults
    ]


def _cell(record: int, fault: Fault) -> RefusedCell:
    return RefusedCell(
        record=record,
        column=fault.column,
        value=fault.value,
        code=fault.refusal.code,
        reason_vi=fault.refusal.reason(Language.VI),
        reason_en=fault.refusal.reason(Language.EN),
        remedy_vi=fault.refusal.remedy(Language.VI),
        remedy_en=fault.refusal.remedy(Language.EN),
    )
