"""Reads one source from its cursor on, and stores what can be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import structlog
from psycopg import AsyncConnection

from server.complaints.imports import complaints
from server.dossiers.imports import dossiers
from server.sources.mappings import Cells, Kind, SourceMapping, map_record, unended
from server.sources.pages import Page, SourceFailed, read_pages
from server.sources.store import Refused, note_refusals, note_run, read_cursor
from server.tabular import imports
from server.tabular.imports import store_batch
from server.tabular.records import Entry, Row, RowReader
from server.tabular.refusals import Rejection

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of a run; `problem` says why it broke off, None where it came to the end."""

    records: int
    refused: int
    problem: str | None


async def pull(
    connection: AsyncConnection,
    mapping: SourceMapping,
    now: datetime,
    client: httpx.Client | None = None,
) -> Pulled:
    """Read the source of `mapping` and return what came of it; the connection is in autocommit.

    Each page is stored by itself, and again changes nothing. The cursor of a list moves when its
    end was reached, that of a folder with each file.
    """
    source = mapping.source
    cursor = await read_cursor(connection, source)
    newest, records, refused, problem = cursor, 0, 0, None
    try:
        for page in read_pages(mapping, cursor, client):
            faults = await _store(connection, mapping, page, now)
            records += len(page.items)
            refused += len({fault.record for fault in faults})
            newest = page.name or max(newest, _newest(mapping, page))
            if page.name is not None:
                await note_run(connection, source, now, cursor=newest)
    except SourceFailed as error:
        problem = str(error)
    await note_run(
        connection,
        source,
        now,
        cursor=None if problem else newest,
        problem=problem,
        records=records,
        refused=refused,
    )
    level = log.warning if problem else log.info
    level("source_read", source=source, records=records, refused=refused, problem=problem)
    return Pulled(records=records, refused=refused, problem=problem)


async def _store(
    connection: AsyncConnection, mapping: SourceMapping, page: Page, now: datetime
) -> list[Refused]:
    kind: imports.Kind[Any] = (
        dossiers(mapping.source) if mapping.records is Kind.DOSSIERS else complaints(mapping.source)
    )
    names = [column.name for column in kind.record.columns]
    places = [(column, place) for place, column in enumerate(kind.record.columns)]
    reader = RowReader(record=kind.record, titles=names, places=places)
    refused: list[Refused] = []
    entries: list[Entry[Any]] = []
    codes: list[str] = []
    for line, (item, cells) in enumerate(_mapped(mapping, page.items)):
        codes.append(_code(cells))
        if unended(mapping, item, cells):
            reason = "the status says that it has ended, and no date says when"
            refused.append(Refused(record=codes[-1], field="status", reason=reason))
            continue
        match reader.read(_row(line, names, cells)):
            case Rejection() as rejection:
                refused += _refused(rejection, codes)
            case entry:
                entries.append(entry)
    async with connection.transaction():
        for rejection in await store_batch(connection, kind, entries):
            refused += _refused(rejection, codes)
        await note_refusals(connection, mapping.source, refused, now)
    return refused


def _mapped(
    mapping: SourceMapping, items: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], Cells]]:
    return ((item, map_record(mapping, item)) for item in items)


def _row(line: int, names: Sequence[str], cells: Cells) -> Row:
    values = (cells.get(name) for name in names)
    return Row(line=line, cells=["" if value is None else value for value in values])


def _code(cells: Cells) -> str:
    return str(cells.get("code") or cells.get("id") or "?")[:64]


def _refused(rejection: Rejection, codes: Sequence[str]) -> list[Refused]:
    return [
        Refused(record=codes[rejection.line], field=fault.column, reason=fault.refusal.reason())
        for fault in rejection.faults
    ]


def _newest(mapping: SourceMapping, page: Page) -> str:
    """Return the greatest time of change on the page, as the source writes it."""
    if "revision" not in mapping.fields:
        return ""
    found = (map_record(mapping, item).get("revision") for item in page.items)
    return max((str(value) for value in found if value), default="")
